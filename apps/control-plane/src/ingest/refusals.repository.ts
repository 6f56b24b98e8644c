import type { SqlPool } from '../platform/database.ts';

/** A device tried what it has no right to, or announced a change that may not stay. */
export interface Refusal {
  readonly tenant: string;
  readonly device: string;
  readonly code: string;
  readonly modem?: string;
  readonly evidence?: readonly string[];
}

/** For operators to see, as an event of the device that tried. */
export async function insertRefusals(pool: SqlPool, refusals: readonly Refusal[]): Promise<void> {
  await pool.query(
    `insert into event (tenant_id, device_id, code, severity, modem, evidence, at, clock)
     select d.tenant_id, d.id, r.code, 'warning', r.modem, coalesce(r.evidence, '{}'), now(), 'right'
       from jsonb_to_recordset($1::jsonb) as r (tenant text, device text, code text, modem text, evidence text[])
       join device d on d.tenant_id = r.tenant and d.id = r.device`,
    [JSON.stringify(refusals)],
  );
}
