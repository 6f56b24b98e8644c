import { createHash } from 'node:crypto';
import type { Ids } from '../platform/clock.ts';

const secretBytes = 32;

/** A new bearer token. It is shown once; only its hash is kept. */
export function newToken(ids: Ids): string {
  return `tw_${ids.secret(secretBytes).toString('base64url')}`;
}

/** 256 random bits need no salt and no slow hash. */
export function tokenHash(token: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(token).digest());
}
