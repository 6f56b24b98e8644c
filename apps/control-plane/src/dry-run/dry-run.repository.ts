import { type DryRun, dryRunSchema } from '@towline/protocol/http';
import * as z from 'zod';
import type { Database } from '../platform/database.ts';
import { readDatabaseEpoch, readTargetedDevices, type TargetedDevice } from '../targets/targets.repository.ts';

const factsSchema = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    online: z.boolean(),
    signal: z.number().nullable(),
    openJobs: z.int(),
    isChanging: z.boolean(),
    reported: z.unknown(),
  }),
);
export type DryRunFacts = z.infer<typeof factsSchema>[number];

const factsSql = `
  select d.id, d.name, d.online, d.signal_dbm as signal, d.reported,
         (select count(*)::int from job j where j.tenant_id = d.tenant_id and j.device_id = d.id and j.state in ('queued', 'accepted', 'running')) as "openJobs",
         t.device_id is not null and (t.status is null or t.status = 'applying') as "isChanging"
    from device d left join target t on t.tenant_id = d.tenant_id and t.device_id = d.id
   where d.tenant_id = $1 and d.id = any($2::text[])`;

export interface ExaminedDevice {
  readonly targeted: TargetedDevice;
  readonly facts: DryRunFacts;
}

/** Reads all that a dry run asks of devices, and writes nothing. */
export class DryRunRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  databaseEpoch(): Promise<number> {
    return readDatabaseEpoch(this.#database.prisma);
  }

  /** What a rollout would do: to which policy version, for which devices. Null when there is no such rollout, or where it gives jobs. */
  async rollout(tenantId: string, id: string): Promise<DryRun | null> {
    const row = await this.#database.prisma.rollout.findUnique({
      where: { tenantId_id: { tenantId, id } },
      select: { policyId: true, policyVersion: true, selection: true },
    });
    const policy = { id: row?.policyId, version: row?.policyVersion };
    return dryRunSchema.safeParse({ policy, selection: row?.selection }).data ?? null;
  }

  /** In the order of ids; those that are gone meanwhile are missing. */
  async devices(tenantId: string, ids: readonly string[]): Promise<ExaminedDevice[]> {
    const { rows } = await this.#database.pool.query(factsSql, [tenantId, ids]);
    const facts = new Map(factsSchema.parse(rows).map((row) => [row.id, row]));
    const targeted = await readTargetedDevices(this.#database.prisma, tenantId, ids);
    return targeted.flatMap((device) => {
      const own = facts.get(device.id);
      return own ? [{ targeted: device, facts: own }] : [];
    });
  }
}
