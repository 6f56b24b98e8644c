import type { SqlPool } from '../../platform/database.ts';
import type { StoredCredential } from './credentials.ts';

interface Row {
  readonly tenant: string;
  readonly hash: Uint8Array | null;
}

/** The credential of a device, whatever its tenant: device ids are unique over all of them. */
export async function findCredential(pool: SqlPool, device: string): Promise<StoredCredential | null> {
  const { rows } = await pool.query<Row>('select tenant_id as tenant, credential_hash as hash from device where id = $1', [device]);
  return rows[0] ?? null;
}
