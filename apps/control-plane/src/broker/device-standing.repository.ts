import type { SqlPool } from '../platform/database.ts';

/** Which of these devices exist and have a credential that was not revoked. */
export async function standingDevices(pool: SqlPool, devices: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ id: string }>('select id from device where id = any($1::text[]) and credential_hash is not null', [
    devices,
  ]);
  return new Set(rows.map(({ id }) => id));
}
