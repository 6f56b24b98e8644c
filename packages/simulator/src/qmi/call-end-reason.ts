import { isRegistered } from '../modem/bearers.ts';
import type { ModemState } from '../modem/modem-state.ts';
import type { World } from '../modem/world.ts';
import { type Tlv, tlv } from './tlv.ts';

/** Why a call was not made or ended, in the two ways in which WDS says it. */
export interface CallFailure {
  readonly reason: number;
  /** Type (2 internal, 3 call manager, 6 3GPP) and reason of that type. */
  readonly verbose: readonly [type: number, reason: number];
}

/** Plain reasons that libqmi's QmiWdsCallEndReason gives to causes of TS 24.008 clause 10.5.6.6; the rest is unspecified. */
const reasonOfCause: ReadonlyMap<number, number> = new Map([
  [8, 1012],
  [25, 1004],
  [26, 1005],
  [27, 1013],
  [28, 1014],
  [29, 1015],
  [30, 1015],
  [31, 1016],
  [32, 1017],
  [33, 1018],
  [34, 1006],
  [35, 1007],
  [36, 1008],
  [37, 1019],
  [38, 1009],
  [39, 1010],
]);

const unspecified = 1;
const noService = 3;

export const callFailure = {
  /** With the network's cause; null: something inside the modem. */
  ofCause(cause: number | null): CallFailure {
    if (cause === null) return { reason: 11, verbose: [2, 201] };
    return { reason: reasonOfCause.get(cause) ?? unspecified, verbose: [6, cause] };
  },
  /** What keeps a modem from dialling at all: no card, radio off, no network. */
  beforeDial(state: ModemState, world: World): CallFailure | null {
    if (world.sim() === null || state.running.pin !== 'verified') return { reason: noService, verbose: [3, 2504] };
    if (state.running.functionality !== 1) return { reason: noService, verbose: [3, 2500] };
    if (!isRegistered(state) || !state.running.packetAttached) return { reason: noService, verbose: [3, 2001] };
    return null;
  },
  alreadyPresent: { reason: unspecified, verbose: [2, 236] },
  interfaceInUse: { reason: unspecified, verbose: [2, 237] },
  profileMismatch: { reason: unspecified, verbose: [2, 238] },
} as const;

/** The fields of both, as in the answer to a start and in the status indication. */
export function reasonTlvs(failure: CallFailure, verboseType = 0x11): readonly Tlv[] {
  return [
    tlv(0x10, (writer) => writer.u16(failure.reason)),
    tlv(verboseType, (writer) => writer.u16(failure.verbose[0]).u16(failure.verbose[1])),
  ];
}
