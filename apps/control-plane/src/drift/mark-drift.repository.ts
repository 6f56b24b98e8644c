import type { DeviceAddress, StateReport } from '@towline/protocol';
import type { SqlClient } from '../platform/database.ts';
import { driftKey } from './drift-key.ts';

/** Devices whose report says something else than the last one, as far as drift follows from it: the ticker looks at them. */
const markSql = `
  insert into device_drift (tenant_id, device_id, key)
  select s.tenant, s.device, s.key from unnest($1::text[], $2::text[], $3::text[]) as s (tenant, device, key)
    join device d on d.tenant_id = s.tenant and d.id = s.device
   order by s.tenant, s.device
  on conflict (tenant_id, device_id) do update set key = excluded.key, dirty = true where device_drift.key <> excluded.key`;

export interface ToldState {
  readonly address: DeviceAddress;
  readonly report: Pick<StateReport, 'target' | 'modems'>;
}

export async function markDrift(client: SqlClient, states: readonly ToldState[]): Promise<void> {
  if (states.length === 0) return;
  await client.query(markSql, [
    states.map(({ address }) => address.tenant),
    states.map(({ address }) => address.device),
    states.map(({ report }) => driftKey(report)),
  ]);
}
