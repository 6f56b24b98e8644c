import type { TroubleCode } from './reactions.ts';

/** The recovery ladder over redialling, cheapest first. Each rung is a kind of step. */
export const rungs = ['reattach', 'cycle-radio', 'reset-modem', 'reset-usb', 'reload-drivers', 'cycle-power', 'reboot-host'] as const;
export type Rung = (typeof rungs)[number];

/** Rungs that act on the host and need no port of the modem. */
export const hostRungs = ['reset-usb', 'reload-drivers', 'cycle-power', 'reboot-host'] as const satisfies readonly Rung[];
export type HostRung = (typeof hostRungs)[number];

/** How often a rung may be tried until the link was healthy again, and how far apart. */
export interface RungTerms {
  readonly budget: number;
  /** Milliseconds since the last rung of any kind. */
  readonly gapMs: number;
  /** Milliseconds since this rung was last tried. */
  readonly everyMs: number;
}

const seconds = 1_000;
const hour = 3_600_000;

/**
 * Composed from what ModemManager's callers, EVE, Sixfab and field practice with EM7565 do; costs grow from seconds to minutes. Power
 * is worth an hourly try for a day. How often the host may restart is counted on flash besides: see `RebootBudget`.
 */
export const rungTerms: Readonly<Record<Rung, RungTerms>> = {
  reattach: { budget: 2, gapMs: 30 * seconds, everyMs: 0 },
  'cycle-radio': { budget: 3, gapMs: 90 * seconds, everyMs: 0 },
  'reset-modem': { budget: 2, gapMs: 300 * seconds, everyMs: 0 },
  'reset-usb': { budget: 1, gapMs: 90 * seconds, everyMs: 0 },
  'reload-drivers': { budget: 1, gapMs: 90 * seconds, everyMs: 0 },
  'cycle-power': { budget: 24, gapMs: 300 * seconds, everyMs: hour },
  'reboot-host': { budget: 4, gapMs: 300 * seconds, everyMs: hour },
};

/** How a trouble climbs. */
export interface Climb {
  /** The lowest rung that touches what is broken. */
  readonly from: Rung;
  /** Tries in vain before the first rung. */
  readonly afterTries: number;
  /** Resets by the modem itself, where fewer than usual are worth it. */
  readonly maxResets: number;
}

const usual: Climb = { from: 'reattach', afterTries: 5, maxResets: 2 };
/** A control port that says nothing: nothing on the air mends it, and a second reset hardly what the first did not. */
const controlPort: Climb = { from: 'reset-modem', afterTries: 3, maxResets: 1 };

const own: Readonly<Partial<Record<TroubleCode, Climb>>> = {
  'control.timeout': controlPort,
  'control.clients-exhausted': controlPort,
  // Who is not registered has nothing to detach from.
  'network.search-timeout': { ...usual, from: 'cycle-radio' },
};

export const climbOf = (code: TroubleCode): Climb => own[code] ?? usual;

/** For an AT port that stays silent or is not there: a modem that hears nothing cannot be asked to restart. */
export const silentPort: Climb = { from: 'reset-usb', afterTries: 10, maxResets: 0 };
