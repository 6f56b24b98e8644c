import type { DeviceAddress, StateReport } from '@towline/protocol';
import type { SqlClient } from '../platform/database.ts';
import { driftKey } from './drift-key.ts';

/**
 * Devices whose report says something else than the last one, as far as drift follows from it: the ticker looks at them. On its way to its target
 * a device does not drift: nobody has to look, but where it did, or is to be looked at anyway.
 */
const markSql = `
  insert into device_drift (tenant_id, device_id, key, dirty)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::bool[]) as s (tenant, device, key, settled) order by s.tenant, s.device
  on conflict (tenant_id, device_id) do update set key = excluded.key, dirty = true
   where device_drift.key <> excluded.key and (excluded.dirty or device_drift.dirty or device_drift.since is not null)`;

export interface ToldState {
  readonly address: DeviceAddress;
  readonly report: Pick<StateReport, 'target' | 'modems'>;
}

/** @param states of devices that the transaction of `client` has found and locked */
export async function markDrift(client: SqlClient, states: readonly ToldState[]): Promise<void> {
  if (states.length === 0) return;
  await client.query(markSql, [
    states.map(({ address }) => address.tenant),
    states.map(({ address }) => address.device),
    states.map(({ report }) => driftKey(report)),
    states.map(({ report }) => report.target?.status !== 'applying'),
  ]);
}
