import { announceInSql, type Change } from '../platform/change-feed.ts';
import { inTransaction, type SqlPool } from '../platform/database.ts';

const rowsAtOnce = 1000;

/**
 * Marks offline who was last heard before `beforeMs`, in short transactions, so that devices that come back meanwhile are not held up.
 * @param beforeMs Unix milliseconds, by the clock that last-seen times are written with
 */
export async function forgetPresence(pool: SqlPool, beforeMs: number, signal: AbortSignal): Promise<void> {
  for (let rows = rowsAtOnce; rows === rowsAtOnce && !signal.aborted; ) {
    rows = await inTransaction(pool, async (client) => {
      const result = await client.query<{ tenant: string; id: string }>(
        `update device set online = false where (tenant_id, id) in (
           select tenant_id, id from device where online and last_seen_at < to_timestamp($1 / 1000.0) limit ${rowsAtOnce} for update skip locked)
         returning tenant_id as tenant, id`,
        [beforeMs],
      );
      await announceInSql(
        client,
        result.rows.map(({ tenant, id }): Change => ({ tenant, kind: 'device', id, device: id })),
      );
      return result.rows.length;
    });
  }
}
