import type { DeviceAddress } from '@towline/protocol';
import type { SqlClient, Transaction } from '../platform/database.ts';

/** That a device has something to be told. What exactly is read from its own table at the moment of sending. */
export interface DownNote {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly channel: 'target' | 'job' | 'confirm';
  /** Job id for `job`, transaction for `confirm`, null for `target`. */
  readonly subject: string | null;
}

export const outboxChannel = 'towline_outbox';

/** Queues notes and wakes the edge, both when the caller's transaction commits. */
export async function enqueueDown(tx: Transaction, notes: readonly DownNote[]): Promise<void> {
  if (notes.length === 0) return;
  const columns = [
    notes.map(({ tenantId }) => tenantId),
    notes.map(({ deviceId }) => deviceId),
    notes.map(({ channel }) => channel),
    notes.map(({ subject }) => subject),
  ];
  // By hand: Prisma puts every field of every note into the statement, which it then takes longer to make than Postgres to run.
  await tx.$executeRawUnsafe(
    `insert into outbox (tenant_id, device_id, channel, subject) select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])`,
    ...columns,
  );
  await tx.$executeRaw`select pg_notify(${outboxChannel}, '')`;
}

/** Notes and the wake-up in one statement, for hand-made SQL; where there is nothing to note nobody is woken. */
const noting = (notes: string) => `with noted as (insert into outbox (tenant_id, device_id, channel, subject) ${notes} returning 1)
  select pg_notify('towline_outbox', '') from noted limit 1`;

const noteTargetsSql = noting(`select tenant, device, 'target', null from unnest($1::text[], $2::text[]) as w (tenant, device)`);

const noteConfirmsSql = noting(`select tenant, device, 'confirm', change
  from unnest($1::text[], $2::text[], $3::text[]) as w (tenant, device, change)`);

const noteOpenJobsSql = noting(`select j.tenant_id, j.device_id, 'job', j.id
  from unnest($1::text[], $2::text[]) as w (tenant, device) join job j on j.tenant_id = w.tenant and j.device_id = w.device
 where (j.state = 'queued' and j.expires_at > now()) or (j.state in ('accepted', 'running') and j.cancel_requested)
 order by j.created_at`);

/** The target of each of these devices. */
export async function enqueueTargets(client: SqlClient, addresses: readonly DeviceAddress[]): Promise<void> {
  if (addresses.length > 0) await client.query(noteTargetsSql, columnsOf(addresses));
}

/** The yes to the changes that these devices announced. */
export async function enqueueConfirms(client: SqlClient, changes: readonly (DeviceAddress & { readonly change: string })[]): Promise<void> {
  if (changes.length === 0) return;
  const values = [...columnsOf(changes), changes.map(({ change }) => change)];
  await client.query({ name: 'outbox-confirms', text: noteConfirmsSql, values });
}

/** What a device that has just connected may have missed: jobs it has not accepted, and wishes to take one back. */
export async function enqueueOpenJobs(client: SqlClient, addresses: readonly DeviceAddress[]): Promise<void> {
  if (addresses.length > 0) await client.query(noteOpenJobsSql, columnsOf(addresses));
}

const columnsOf = (addresses: readonly DeviceAddress[]) => [addresses.map(({ tenant }) => tenant), addresses.map(({ device }) => device)];

export interface QueuedNote extends DownNote {
  readonly id: string;
}

/** The oldest notes that no other publisher holds; they stay locked until the transaction of `client` ends. */
export async function lockNotes(client: SqlClient, limit: number): Promise<QueuedNote[]> {
  const { rows } = await client.query<QueuedNote>(
    `select id::text, tenant_id as "tenantId", device_id as "deviceId", channel, subject
       from outbox order by id limit $1 for update skip locked`,
    [limit],
  );
  return rows;
}

export async function removeNotes(client: SqlClient, ids: readonly string[]): Promise<void> {
  await client.query({ name: 'outbox-remove', text: 'delete from outbox where id = any($1::bigint[])', values: [ids] });
}
