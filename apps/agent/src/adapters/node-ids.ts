import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from '@towline/kit';
import type { Ids } from '../runtime/ports.ts';

/** Names and secrets from the system's random source. */
export const nodeIds: Ids = {
  secret: () => randomBytes(32).toString('base64url'),
  nonce: () => randomBytes(12).toString('base64url'),
  epoch: () => Array.from({ length: 8 }, () => randomInt(36).toString(36)).join(''),
};

/** Jitter from the system's random source, so that no two devices draw alike. */
export const nodeRandom: Random = { next: () => randomInt(2 ** 32) / 2 ** 32 };
