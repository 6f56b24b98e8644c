import type { Random } from './random.ts';

/** How a retry spaces its tries. Delays in milliseconds. */
export interface BackoffPolicy {
  readonly baseMs: number;
  readonly factor: number;
  readonly maxMs: number;
  /** Share of the delay that is drawn at random, 0 to 1: 0.5 gives between 50 % and 100 % of it. */
  readonly jitter: number;
}

/** Delay before try number `attempt` (0 is the first retry), with its jitter drawn. */
export function backoffDelayMs(policy: BackoffPolicy, attempt: number, random: Random): number {
  const full = Math.min(policy.maxMs, policy.baseMs * policy.factor ** attempt);
  return full * (1 - policy.jitter * random.next());
}
