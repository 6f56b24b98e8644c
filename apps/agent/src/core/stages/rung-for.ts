import type { Situation } from '../decision.ts';
import { nextRung } from '../ladder.ts';
import type { TroubleCode } from '../reactions.ts';
import { climbOf } from '../rung.ts';
import { isBelowFloor } from '../signal-floor.ts';
import type { Step } from '../step.ts';

/** The next rung for a trouble of a modem that answers; null where the radio conditions or the operator's denial alone explain it. */
export function rungFor({ observed, memory, model, recovery: means, nowMs }: Situation, code: TroubleCode): Step | null {
  if (isBelowFloor(observed.signal) || observed.registration?.state === 'denied') return null;
  return nextRung({ ladder: memory.ladder, climb: climbOf(code), code, model, means, nowMs });
}
