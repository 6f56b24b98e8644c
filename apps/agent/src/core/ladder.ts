import type { Ladder, ModemMemory } from './memory.ts';
import { reactions } from './reactions.ts';
import type { Step } from './step.ts';

const triesBeforeClimbing = 5;

/** Budgets and gaps of the rungs over redialling (EM7565 field practice, cut to what goes by AT). A gap is to the last rung of any kind. */
const rungs = {
  reattach: { budget: 2, gapMs: 30_000 },
  radioCycle: { budget: 3, gapMs: 90_000 },
  reset: { budget: 2, gapMs: 300_000 },
} as const;

const reattach: Step = { kind: 'reattach', cutsLink: true, changesDialling: false };
const cycleRadio: Step = { kind: 'cycle-radio', because: 'ladder', cutsLink: true, changesDialling: false };
const resetModem = { kind: 'reset-modem', because: 'ladder', cutsLink: true, changesDialling: false } as const;

const rested = ({ lastRungMs }: Ladder, gapMs: number, nowMs: number) => lastRungMs === null || nowMs - lastRungMs >= gapMs;

/** Whether the tries below were in vain and the trouble is of a kind that a reset may mend. */
export function isRungDue({ trouble }: ModemMemory): boolean {
  return trouble !== null && reactions[trouble.code].climbs && trouble.count >= triesBeforeClimbing;
}

/** The next rung, or null: too soon after the last one, or the budget is spent. Who is not registered has nothing to detach from. */
export function nextRung(ladder: Ladder, nowMs: number, isRegistered: boolean): Step | null {
  if (isRegistered && ladder.reattaches < rungs.reattach.budget) return rested(ladder, rungs.reattach.gapMs, nowMs) ? reattach : null;
  if (ladder.radioCycles < rungs.radioCycle.budget) return rested(ladder, rungs.radioCycle.gapMs, nowMs) ? cycleRadio : null;
  if (ladder.resets < rungs.reset.budget) return rested(ladder, rungs.reset.gapMs, nowMs) ? resetModem : null;
  return null;
}

/** A reset for a modem that does not find its SIM, within the same budget. */
export function simReset(ladder: Ladder, nowMs: number): Step | null {
  const affordable = ladder.resets < rungs.reset.budget && rested(ladder, rungs.reset.gapMs, nowMs);
  return affordable ? { ...resetModem, because: 'sim' } : null;
}
