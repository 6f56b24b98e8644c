import type { EffectiveZone, TenantSettings, UpdateTenantSettings } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import type { Database } from '../platform/database.ts';
import { effectiveZone } from './effective-zone.ts';

const nowRowsSchema = z.tuple([z.object({ now: z.date() })]);

export class ZonesRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async settings(tenantId: string): Promise<TenantSettings> {
    const row = await this.#database.prisma.tenant.findUnique({ where: { id: tenantId }, select: { zone: true } });
    return { zone: row?.zone ?? null };
  }

  updateSettings({ tenant: tenantId, id: actor }: Caller, { zone }: UpdateTenantSettings): Promise<TenantSettings> {
    return this.#database.prisma.$transaction(async (tx) => {
      await tx.tenant.update({ where: { id: tenantId }, data: { zone } });
      await recordAudit(tx, { tenantId, actor, action: 'tenant.zone', subject: tenantId, details: { zone } });
      return { zone };
    });
  }

  /** Null when there is no such device. */
  async zoneOf(tenantId: string, id: string): Promise<EffectiveZone | null> {
    const { prisma } = this.#database;
    const device = await prisma.device.findUnique({
      where: { tenantId_id: { tenantId, id } },
      select: { zone: true, site: { select: { zone: true } } },
    });
    if (!device) return null;
    return effectiveZone({ device: device.zone, site: device.site?.zone ?? null, tenant: (await this.settings(tenantId)).zone });
  }

  /** By the database's clock, which is what windows go by. Milliseconds since 1970. */
  async nowMs(): Promise<number> {
    const { rows } = await this.#database.pool.query('select now()');
    const [{ now }] = nowRowsSchema.parse(rows);
    return now.getTime();
  }
}
