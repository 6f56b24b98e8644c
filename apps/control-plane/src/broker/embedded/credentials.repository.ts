import type { SqlPool } from '../../platform/database.ts';
import type { StoredCredential } from './credentials.ts';

/** The credentials of these devices, whatever their tenant: device ids are unique over all of them. Revoked ones are left out. */
export async function findCredentials(pool: SqlPool, devices: readonly string[]): Promise<StoredCredential[]> {
  const { rows } = await pool.query<StoredCredential>(
    `select tenant_id as tenant, id as device, credential_hash as hash from device
      where id = any($1::text[]) and credential_hash is not null`,
    [devices],
  );
  return rows;
}
