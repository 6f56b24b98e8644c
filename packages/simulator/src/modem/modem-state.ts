import type { DataMode, Rat, SimSlot } from '@towline/modem';
import type { BearerGrant } from '../network/operator-network.ts';

/** `debug` is a port that takes no AT commands and floods its reader with binary frames, as a wrong port does. */
export type PortRole = 'at' | 'ppp' | 'debug';

export type PdpType = 'IP' | 'IPV6' | 'IPV4V6';

/** A PDP context as stored; what was asked for, not what is. */
export interface DefinedContext {
  readonly type: PdpType;
  readonly accessPoint: string;
}

/** `method`: 0 none, 1 PAP, 2 CHAP, as in TS 27.007 clause 10.1.31. */
export interface ContextAuth {
  readonly method: number;
  readonly username: string;
  readonly password: string;
}

export interface ActiveBearer {
  /** What was asked for: context and credentials as stored then. */
  readonly asked: string;
  readonly grant: BearerGrant;
}

/** Survives a reset. */
export interface NonVolatile {
  readonly contexts: ReadonlyMap<number, DefinedContext>;
  readonly auth: ReadonlyMap<number, ContextAuth>;
  /** In force after the next reset. */
  readonly dataMode: DataMode;
  /** `AT+QNETDEVCTL=3,<cid>`: dials by itself after every registration. */
  readonly autoDial: number | null;
  /** The slot whose card is used. */
  readonly simSlot: SimSlot;
  /** Settings that are kept and read back; most mean nothing to the simulation. */
  readonly settings: ReadonlyMap<string, string>;
  /** Settings gone stale in an update: every dial gets CME 32 until `AT&F` (forums.quectel.com 36370). */
  readonly stale: boolean;
  /** Short messages by place, as PDUs in hexadecimal. On the card, in truth. */
  readonly inbox: ReadonlyMap<number, string>;
}

/** TS 27.007 clause 7.2: 0 not searching, 1 home, 2 searching, 3 denied, 4 unknown, 5 roaming. */
export type RegistrationStatus = 0 | 1 | 2 | 3 | 4 | 5;

/** The four registration reports, by command name. */
export type RegistrationReport = '+CREG' | '+CGREG' | '+CEREG' | '+C5GREG';

/** Gone after a reset. */
export interface Running {
  readonly bootedMs: number;
  readonly echo: Readonly<Record<PortRole, boolean>>;
  /** `AT+CMEE`: 0 plain ERROR, 1 numbers, 2 words. */
  readonly errorFormat: 0 | 1 | 2;
  readonly functionality: 0 | 1 | 4;
  /** When the radio was last switched on or the SIM became ready, whichever came later. */
  readonly searchingSinceMs: number;
  readonly pin: 'verified' | 'asked' | 'blocked';
  readonly reporting: Readonly<Record<RegistrationReport, 0 | 1 | 2>>;
  /** `AT+COPS=2` deregisters. */
  readonly selection: 'automatic' | 'manual' | 'deregistered';
  readonly operatorFormat: 0 | 1 | 2;
  readonly registration: RegistrationStatus;
  readonly rat: Rat | null;
  readonly packetAttached: boolean;
  readonly bearers: ReadonlyMap<number, ActiveBearer>;
  /** When the SIM slot was changed last; null: not since the boot. */
  readonly slotChosenMs: number | null;
  /** Context that is bridged to the USB network function. */
  readonly networkCall: number | null;
  /** Context and port of a call begun with `ATD*99#`. */
  readonly pppCall: { readonly contextId: number; readonly role: PortRole } | null;
  readonly dataMode: DataMode;
  /** 3GPP cause of the last refusal or release, for `AT+CEER`. */
  readonly lastCause: number | null;
  /** Sierra: protected commands were unlocked by `AT!ENTERCND`. */
  readonly unlocked: boolean;
  /** FCC authentication was done since power-up. */
  readonly fccAuthenticated: boolean;
  /** `AT+CNMI=…,1`: a message that comes in is told. */
  readonly tellsMessages: boolean;
}

export interface ModemState {
  readonly stored: NonVolatile;
  readonly running: Running;
}

export function withRunning(state: ModemState, change: Partial<Running>): ModemState {
  return { stored: state.stored, running: { ...state.running, ...change } };
}

export function withStored(state: ModemState, change: Partial<NonVolatile>): ModemState {
  return { stored: { ...state.stored, ...change }, running: state.running };
}

/** A copy of the map with one entry set, or deleted when the value is null. */
export function withEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value | null): ReadonlyMap<Key, Value> {
  const copy = new Map(map);
  if (value === null) copy.delete(key);
  else copy.set(key, value);
  return copy;
}
