import type { Confirm, DeviceAddress, JobDown, TargetDown } from '@towline/protocol';
import { channels } from '@towline/protocol';
import * as z from 'zod';
import type { SqlClient } from '../platform/database.ts';
import type { Sealer } from '../platform/sealer.ts';
import { openTarget } from '../targets/sealed-target.ts';

const targetRowSchema = z.object({ epoch: z.int(), number: z.int(), digest: z.string(), document: z.unknown() });

/** Of `target t` or `job j`: somebody is at work at the device's site. */
const onHold = (row: 't' | 'j') => `exists (
  select 1 from device d join site_hold h on h.tenant_id = d.tenant_id and h.site_id = d.site_id
   where d.tenant_id = ${row}.tenant_id and d.id = ${row}.device_id and (h.expires_at is null or h.expires_at > now()))`;

/** The target of a device as it is now; null when it has none, or while it is withheld or the site is on hold. */
export async function readTarget(client: SqlClient, { tenant, device }: DeviceAddress, sealer: Sealer): Promise<TargetDown | null> {
  const { rows } = await client.query(
    `select epoch, number, digest, document from target t where tenant_id = $1 and device_id = $2 and not withheld and not ${onHold('t')}`,
    [tenant, device],
  );
  if (rows.length === 0) return null;
  const { epoch, number, digest, document } = targetRowSchema.parse(rows[0]);
  return { version: { epoch, number }, digest, document: openTarget(document, sealer) };
}

const jobRowSchema = z.object({ id: z.uuid(), order: z.unknown(), cancel: z.boolean(), state: z.string(), ttlS: z.int() });

/** What is to be said of a job now; null when nothing is: it has ended, its time is up, or the site is on hold and it was not forced. */
export async function readJob(client: SqlClient, { tenant, device }: DeviceAddress, id: string): Promise<JobDown | null> {
  const { rows } = await client.query(
    `select id, "order", cancel_requested as cancel, state, ceil(extract(epoch from expires_at - now()))::int as "ttlS"
       from job j where tenant_id = $1 and device_id = $2 and id = $3 and state in ('queued', 'accepted', 'running')
        and (cancel_requested or forced or not ${onHold('j')})`,
    [tenant, device, id],
  );
  if (rows.length === 0) return null;
  const { order, cancel, state, ttlS } = jobRowSchema.parse(rows[0]);
  if (cancel) return { action: 'cancel', id };
  if (state !== 'queued' || ttlS < 1) return null;
  return channels.down.job.schema.parse({ action: 'start', id, ttlS, order });
}

/** The yes to a change; null when its target has been replaced since, or another change of it was announced. */
export async function readConfirm(client: SqlClient, { tenant, device }: DeviceAddress, change: string): Promise<Confirm | null> {
  const { rows } = await client.query(
    `select change as transaction, change_nonce as nonce, digest from target
      where tenant_id = $1 and device_id = $2 and change = $3 and confirmed_at is not null`,
    [tenant, device, change],
  );
  return rows.length === 0 ? null : channels.down.confirm.schema.parse(rows[0]);
}
