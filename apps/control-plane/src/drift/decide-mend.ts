import { type BackoffPolicy, backoffDelayMs, type Random } from '@towline/kit';

const minutes = 60_000;

/** A quarter of an hour, an hour, four hours: whatever put the device elsewhere may do it again. */
const gaps: BackoffPolicy = { baseMs: 15 * minutes, factor: 4, maxMs: 24 * 60 * minutes, jitter: 0.2 };
/** After so many the target is not what is wrong. */
export const maxMends = 3;
/** A device that stayed where it belongs for so long begins anew. */
const healedMs = 24 * 60 * minutes;

/** What is remembered of a device's drift. Times are milliseconds of the database's clock. */
export interface DriftMemory {
  readonly sinceMs: number | null;
  readonly clearedAtMs: number | null;
  readonly targetNumber: number | null;
  readonly mends: number;
  readonly mendAtMs: number | null;
}

export interface DriftLook {
  /** What differs now. */
  readonly fields: readonly string[];
  readonly targetNumber: number | null;
  /** The policy wants it mended, and the device has settled on something that it did not fall back to. */
  readonly mayMend: boolean;
  readonly nowMs: number;
}

/** What a look at a device changes in it: since when it drifts, how often it was mended for it, and when it is to be again. */
export function rememberDrift(past: DriftMemory, { fields, targetNumber, mayMend, nowMs }: DriftLook, random: Random): DriftMemory {
  const isHealed = past.sinceMs === null && past.clearedAtMs !== null && nowMs - past.clearedAtMs >= healedMs;
  const mends = past.targetNumber === targetNumber && !isHealed ? past.mends : 0;
  if (fields.length === 0) {
    const clearedAtMs = past.sinceMs === null ? past.clearedAtMs : nowMs;
    return { sinceMs: null, clearedAtMs, targetNumber, mends, mendAtMs: null };
  }
  const sinceMs = past.sinceMs ?? nowMs;
  const isDue = mayMend && mends < maxMends;
  const mendAtMs = isDue ? (past.mendAtMs ?? nowMs + backoffDelayMs(gaps, mends, random)) : null;
  return { sinceMs, clearedAtMs: past.clearedAtMs, targetNumber, mends, mendAtMs };
}
