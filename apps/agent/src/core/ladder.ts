import type { Model } from '@towline/modem';
import type { Ladder, ModemMemory } from './memory.ts';
import { reactions, type TroubleCode } from './reactions.ts';
import { type Climb, climbOf, type Rung, rungs, rungTerms } from './rung.ts';
import type { Step } from './step.ts';

/** What the host can do for a modem that does not come up by itself. */
export interface RecoveryMeans {
  /** USB path whose port and drivers may be reset; null: the modem is not on USB now, or the host has no way to it. */
  readonly usbPath: string | null;
  /** A command of the configuration takes its power away and gives it back. */
  readonly power: boolean;
  /** The configuration allows a restart of the host, and nothing is against one at this moment. */
  readonly hostReboot: boolean;
  /** The session with the control plane leaves by this modem and was heard of late: whatever seems broken, it carries. */
  readonly carriesSession: boolean;
}

/** What the choice of a rung rests on. */
export interface RungQuestion {
  readonly ladder: Ladder;
  readonly climb: Climb;
  /** What the rung is to mend. */
  readonly code: TroubleCode;
  /** Null while the modem is unknown. */
  readonly model: Pick<Model, 'quirks'> | null;
  readonly means: RecoveryMeans;
  readonly nowMs: number;
}

const cuts = { cutsLink: true, changesDialling: false } as const;

/** Null: this rung is not to be had here. */
function stepOf(rung: Rung, { means, model, code }: RungQuestion): Step | null {
  const { usbPath } = means;
  switch (rung) {
    case 'reattach':
      return { kind: rung, ...cuts };
    case 'cycle-radio':
    case 'reset-modem':
      return { kind: rung, because: 'ladder', ...cuts };
    case 'reset-usb': {
      const keepsConfiguration = !model?.quirks.includes('usb-configuration-matters');
      return usbPath !== null && keepsConfiguration ? { kind: rung, usbPath, ...cuts } : null;
    }
    case 'reload-drivers':
      return usbPath === null ? null : { kind: rung, usbPath, ...cuts };
    case 'cycle-power':
      return means.power ? { kind: rung, ...cuts } : null;
    case 'reboot-host':
      return means.hostReboot ? { kind: rung, because: code, ...cuts } : null;
  }
}

function isRested(ladder: Ladder, rung: Rung, nowMs: number): boolean {
  const { gapMs, everyMs } = rungTerms[rung];
  const sinceMs = (lastMs: number | null | undefined) =>
    lastMs === null || lastMs === undefined ? Number.POSITIVE_INFINITY : nowMs - lastMs;
  return sinceMs(ladder.lastRungMs) >= gapMs && sinceMs(ladder.spent[rung]?.lastMs) >= everyMs;
}

function budgetOf(rung: Rung, { maxResets }: Climb): number {
  const { budget } = rungTerms[rung];
  return rung === 'reset-modem' ? Math.min(budget, maxResets) : budget;
}

/** The next rung, or null: too soon for it, or nothing is left to try. A link that carries the session is never cut. */
export function nextRung(question: RungQuestion): Step | null {
  const { ladder, climb, means, nowMs } = question;
  if (means.carriesSession) return null;
  for (const rung of rungs.slice(rungs.indexOf(climb.from))) {
    const step = stepOf(rung, question);
    if (!step || (ladder.spent[rung]?.count ?? 0) >= budgetOf(rung, climb)) continue;
    return isRested(ladder, rung, nowMs) ? step : null;
  }
  return null;
}

/** Whether the tries below were in vain and the trouble is of a kind that a rung may mend. */
export function isRungDue({ trouble }: ModemMemory): boolean {
  return trouble !== null && reactions[trouble.code].climbs && trouble.count >= climbOf(trouble.code).afterTries;
}

/** A reset for a modem that does not find its SIM, within the same budget. */
export function simReset(ladder: Ladder, nowMs: number): Step | null {
  const isLeft = (ladder.spent['reset-modem']?.count ?? 0) < rungTerms['reset-modem'].budget;
  return isLeft && isRested(ladder, 'reset-modem', nowMs) ? { kind: 'reset-modem', because: 'sim', ...cuts } : null;
}

/** The ladder once a rung was tried. */
export function climbed(ladder: Ladder, step: Step, nowMs: number): Ladder {
  const rung = rungOf(step);
  if (rung === null) return ladder;
  const count = (ladder.spent[rung]?.count ?? 0) + 1;
  return { spent: { ...ladder.spent, [rung]: { count, lastMs: nowMs } }, lastRungMs: nowMs };
}

/** Which rung a step is; null: it is none, though it may do the same. */
export function rungOf(step: Step): Rung | null {
  const rung = rungs.find((one) => one === step.kind);
  if (rung === undefined) return null;
  const isOrdered = 'because' in step && (step.because === 'job' || step.because === 'mode-switch' || step.because === 'context-written');
  return isOrdered ? null : rung;
}
