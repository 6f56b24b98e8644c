import type { SmsOrderKind } from '@towline/protocol';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import type { Database } from '../platform/database.ts';

export type CountedOrder =
  | { readonly outcome: 'counted'; readonly counter: number; readonly credentialHash: Uint8Array }
  | { readonly outcome: 'no-device' | 'no-credential' };

const rowsSchema = z.array(z.object({ counter: z.bigint(), hash: z.nullable(z.instanceof(Uint8Array)) }));

export class SmsOrdersRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Gives out the next counter of a device, and notes who asked for it. The clock is its floor: a database that was restored must not give
   * out counters that the device has seen already.
   */
  count(caller: Caller, device: string, order: SmsOrderKind): Promise<CountedOrder> {
    const { tenant: tenantId, id: actor } = caller;
    return this.#database.prisma.$transaction(async (tx) => {
      const [row] = rowsSchema.parse(
        await tx.$queryRaw`
          update device set sms_counter = greatest(sms_counter + 1, floor(extract(epoch from now()))::bigint)
           where tenant_id = ${tenantId} and id = ${device}
          returning sms_counter as counter, credential_hash as hash`,
      );
      if (!row) return { outcome: 'no-device' };
      if (!row.hash) return { outcome: 'no-credential' };
      const counter = Number(row.counter);
      await recordAudit(tx, { tenantId, actor, action: 'device.sms-order', subject: device, details: { order, counter } });
      return { outcome: 'counted', counter, credentialHash: row.hash };
    });
  }
}
