import type pg from 'pg';
import type { Transaction } from '../platform/database.ts';

/** That a device has something to be told. What exactly is read from its own table at the moment of sending. */
export interface DownNote {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly channel: 'target' | 'job';
  /** Job id for `job`, null for `target`. */
  readonly subject: string | null;
}

export const outboxChannel = 'towline_outbox';

/** Queues notes and wakes the edge, both when the caller's transaction commits. */
export async function enqueueDown(tx: Transaction, notes: readonly DownNote[]): Promise<void> {
  if (notes.length === 0) return;
  await tx.outbox.createMany({ data: [...notes] });
  await tx.$executeRaw`select pg_notify(${outboxChannel}, '')`;
}

export interface QueuedNote extends DownNote {
  readonly id: string;
}

/** The oldest notes that no other publisher holds; they stay locked until the transaction of `client` ends. */
export async function lockNotes(client: pg.ClientBase, limit: number): Promise<QueuedNote[]> {
  const { rows } = await client.query<QueuedNote>(
    `select id::text, tenant_id as "tenantId", device_id as "deviceId", channel, subject
       from outbox order by id limit $1 for update skip locked`,
    [limit],
  );
  return rows;
}

export async function removeNotes(client: pg.ClientBase, ids: readonly string[]): Promise<void> {
  await client.query('delete from outbox where id = any($1::bigint[])', [ids]);
}
