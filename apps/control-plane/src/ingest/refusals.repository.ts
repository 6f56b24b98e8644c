import type { SqlPool } from '../platform/database.ts';

/** A device tried what it has no right to. */
export interface Refusal {
  readonly tenant: string;
  readonly device: string;
  readonly code: string;
}

/** For operators to see, as an event of the device that tried. */
export async function insertRefusals(pool: SqlPool, refusals: readonly Refusal[]): Promise<void> {
  await pool.query(
    `insert into event (tenant_id, device_id, code, severity, evidence, at, clock)
     select d.tenant_id, d.id, r.code, 'warning', '{}', now(), 'right'
       from unnest($1::text[], $2::text[], $3::text[]) as r (tenant, device, code)
       join device d on d.tenant_id = r.tenant and d.id = r.device`,
    [refusals.map(({ tenant }) => tenant), refusals.map(({ device }) => device), refusals.map(({ code }) => code)],
  );
}
