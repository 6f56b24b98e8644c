import type { ModemControl } from '../modem/modem-control.ts';
import type { PdpType } from '../modem/modem-state.ts';
import type { MbimStructReader } from './mbim-struct.ts';

/** One connected session: a network interface of the host. */
export interface MbimSession {
  readonly contextId: number;
  readonly accessPoint: string;
  readonly type: PdpType;
}

export interface MbimCall {
  readonly isSet: boolean;
  readonly input: MbimStructReader;
  readonly modem: ModemControl;
  readonly sessions: Map<number, MbimSession>;
  /** 3GPP cause of the last refused connect by session: what a host that missed the answer can still ask. */
  readonly refusals: Map<number, number>;
}

export interface MbimAnswer {
  /** A number of `mbimStatus`. */
  readonly status: number;
  readonly buffer: Uint8Array;
  /** How long the modem works on it, in milliseconds. */
  readonly takesMs?: number;
  readonly afterwards?: () => void;
}

export type MbimHandler = (call: MbimCall) => MbimAnswer;

/** The commands of one service by their number. */
export type MbimService = ReadonlyMap<number, MbimHandler>;

export function answer(buffer: Uint8Array, takesMs = 0): MbimAnswer {
  return { status: 0, buffer, takesMs };
}

export function refusal(status: number, buffer: Uint8Array = new Uint8Array()): MbimAnswer {
  return { status, buffer };
}
