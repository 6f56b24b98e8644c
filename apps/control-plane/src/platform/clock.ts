import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock, Random } from '@towline/kit';

/** The machine's own time. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** For jitter; not for secrets. */
export const systemRandom: Random = { next: () => Math.random() };

/** Where names and secrets come from. */
export interface Ids {
  uuid(): string;
  /** Unguessable bytes. */
  secret(bytes: number): Buffer;
}

export const systemIds: Ids = { uuid: () => randomUUID(), secret: (bytes) => randomBytes(bytes) };
