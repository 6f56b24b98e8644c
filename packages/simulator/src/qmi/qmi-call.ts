import type { ModemControl } from '../modem/modem-control.ts';
import type { QmiSession } from './qmi-session.ts';
import type { Tlv, Tlvs } from './tlv.ts';

/** A request to one service. */
export interface QmiCall {
  readonly client: number;
  readonly input: Tlvs;
  readonly modem: ModemControl;
  readonly session: QmiSession;
}

export interface QmiAnswer {
  /** A number of `qmiError`; 0 is success. */
  readonly error: number;
  readonly tlvs: readonly Tlv[];
  /** How long the modem works on it, in milliseconds. */
  readonly takesMs?: number;
  /** Once the answer is out. */
  readonly afterwards?: () => void;
}

export type QmiHandler = (call: QmiCall) => QmiAnswer;

/** The messages of one service, by message id. */
export type QmiService = ReadonlyMap<number, QmiHandler>;

export function success(...tlvs: readonly Tlv[]): QmiAnswer {
  return { error: 0, tlvs };
}

export function failure(error: number, ...tlvs: readonly Tlv[]): QmiAnswer {
  return { error, tlvs };
}
