import type { RolloutCounts, RolloutDeviceState, RolloutSettings, RolloutState } from '@towline/protocol/http';

/** What was known to have gone wrong when a person resumed: it does not halt the rollout again. */
export interface Forgiven {
  readonly bad: number;
  /** Devices that had ended, well or not. */
  readonly judged: number;
}

export interface WaveView {
  /** From 1. */
  readonly number: number;
  readonly manual: boolean;
  readonly counts: RolloutCounts;
  /** Devices that went wrong and have another try ahead. */
  readonly retrying: number;
  readonly forgiven: Forgiven;
}

/** What the database says of a device that has, or had, its target: only those of which there is something to say. */
export interface Answer {
  readonly device: string;
  readonly wave: number;
  readonly state: RolloutDeviceState;
  /** From 1. */
  readonly attempt: number;
  readonly heldAtMs: number | null;
  /** Until when it owes its next word. */
  readonly dueAtMs: number | null;
  /** When it spoke last, if it said then that it waits for its next try; null: it did not. */
  readonly pausedAtMs: number | null;
  /** Its target is another one by now. */
  readonly superseded: boolean;
  /** The database was restored since: what it was given is not believed any more. */
  readonly restored: boolean;
  /** It did what it was given before this database gave it, which was restored since. What came of it counts. */
  readonly remembered: boolean;
  readonly outcome: 'succeeded' | 'failed' | 'reverted' | null;
  /** Why it went wrong. */
  readonly fault: string | null;
}

/** What several devices share, and may go down together by; null where it is not known, which counts nowhere. */
export interface SharedFate {
  readonly site: string | null;
  readonly carrier: string | null;
  readonly cell: string | null;
  readonly model: string | null;
}

/** A device that could be the next one, in the order in which they come. */
export interface Candidate {
  readonly device: string;
  readonly wave: number;
  readonly state: RolloutDeviceState;
  readonly attempt: number;
  readonly fate: SharedFate;
  readonly online: boolean;
  readonly onHold: boolean;
  /** Another rollout that comes first has not brought it to an end. */
  readonly preceded: boolean;
  /** Its window is open for long enough. */
  readonly windowOpen: boolean;
  /** It went wrong and a person has forgiven that: tried again, it is judged anew. */
  readonly forgiven: boolean;
}

/** Devices on their way: of this rollout, and of all rollouts of the tenant by what they share. */
export interface Flight {
  readonly rollout: number;
  readonly site: ReadonlyMap<string, number>;
  readonly carrier: ReadonlyMap<string, number>;
  readonly cell: ReadonlyMap<string, number>;
  readonly model: ReadonlyMap<string, number>;
}

/** How much may be opened right now where a rate paces a rollout. */
export interface Credit {
  readonly amount: number;
  readonly atMs: number;
}

/** Ages of 95 of 100, milliseconds; null while there are too few to tell. */
export interface Slowness {
  readonly deliveryMs: number | null;
  readonly confirmMs: number | null;
}

/** All that a decision is made of. Times are the database's, milliseconds since 1970. */
export interface RolloutView {
  readonly state: RolloutState;
  readonly settings: RolloutSettings;
  /** Offline devices get their targets too, to find them when they return: a way back must not wait for the unreachable. */
  readonly writeAhead: boolean;
  /** 0 before the start. */
  readonly currentWave: number;
  readonly startAtMs: number | null;
  readonly endAtMs: number | null;
  readonly forgiven: Forgiven;
  readonly credit: Credit | null;
  readonly waves: readonly WaveView[];
  readonly flight: Flight;
  readonly slowness: Slowness;
  /** Devices may still come to match, and be taken in, until its end. */
  readonly mayGrow: boolean;
  /** Whether devices can be heard: nobody is silent while nobody listens. */
  readonly hearing: boolean;
  readonly answers: readonly Answer[];
  readonly candidates: readonly Candidate[];
  /** The most devices that one step may open. */
  readonly stepLimit: number;
}
