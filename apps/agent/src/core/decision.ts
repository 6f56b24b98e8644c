import type { DataMode, Model, PinTry, SimSlot } from '@towline/modem';
import type { ConnectionState, FaultReport, TargetDocument, TargetRule } from '@towline/protocol';
import type { DialMeans } from './dial-mode.ts';
import type { RecoveryMeans } from './ladder.ts';
import type { ModemMemory } from './memory.ts';
import type { ObservedModem } from './observed.ts';
import type { TroubleCode } from './reactions.ts';
import type { Step } from './step.ts';

/** Everything a plan rests on. */
export interface Situation {
  readonly observed: ObservedModem;
  /** Null while the modem is unknown. */
  readonly model: Model | null;
  readonly means: DialMeans;
  /** Null where the modem gives the host no network: one behind configured ttys. */
  readonly host: HostPlan | null;
  readonly recovery: RecoveryMeans;
  readonly target: TargetDocument | null;
  /** The SIM slot that the modem is to use; null: the one in use. */
  readonly simSlot: SimSlot | null;
  readonly memory: ModemMemory;
  /** Every try of a PIN, from flash. */
  readonly pinTries: readonly PinTry[];
  readonly nowMs: number;
  /** SHA-256, hexadecimal. A pure function of its text. */
  readonly digest: (text: string) => string;
  /** Names a PIN without telling it; salted per device. */
  readonly pinHash: (pin: string) => string;
}

/** How bearers of this modem sit in the host's network. */
export interface HostPlan {
  /** Number of the modem among those of the host, 0 to 7: it decides on the routing table, the metric and the ports. */
  readonly slot: number;
  /** Milliseconds from one probe that passed to the next; null: bearers are not probed. */
  readonly probeEveryMs: number | null;
}

/** What to do next: act, wait for a moment (or anything that wakes the loop before), or wait for a person, looking again meanwhile. */
export type Next =
  | { readonly kind: 'steps'; readonly steps: readonly [Step, ...Step[]] }
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'needs-person'; readonly untilMs: number };

export interface Fault extends FaultReport {
  readonly code: TroubleCode;
}

export interface Decision {
  readonly connection: ConnectionState;
  /** Why the modem is not where the target wants it. */
  readonly fault: Fault | null;
  /** The rule that holds, once that can be told. */
  readonly rule: TargetRule | null;
  readonly mode: DataMode | null;
  /** Why this data mode, where the rule leaves it open and the host decides. */
  readonly modeReason: string | null;
  readonly next: Next;
}

/** One question of the connection machine: an answer ends the planning, null passes on to the next stage. */
export type Stage = (situation: Situation) => Decision | null;

const nothing = { fault: null, rule: null, mode: null, modeReason: null };

export function waiting(connection: ConnectionState, untilMs: number, told: Partial<Omit<Decision, 'next' | 'connection'>> = {}): Decision {
  return { ...nothing, ...told, connection, next: { kind: 'wait', untilMs } };
}

export function acting(
  connection: ConnectionState,
  steps: readonly [Step, ...Step[]],
  told: Partial<Omit<Decision, 'next' | 'connection'>> = {},
): Decision {
  return { ...nothing, ...told, connection, next: { kind: 'steps', steps } };
}

export function askingPerson(fault: Fault, untilMs: number, told: Partial<Omit<Decision, 'next' | 'connection' | 'fault'>> = {}): Decision {
  return { ...nothing, ...told, fault, connection: 'needs-person', next: { kind: 'needs-person', untilMs } };
}

/** A fault as it is reported: at most 16 lines of 256 characters. */
export function faultOf(code: TroubleCode, evidence: readonly string[] = []): Fault {
  return { code, evidence: evidence.slice(-16).map((line) => line.slice(0, 256)) };
}
