/** `right`: the device's clock was; `skewed`: corrected by it; `unplaced`: no sense in it, so the arrival stands for it. */
export type ClockVerdict = 'right' | 'skewed' | 'unplaced';

/** All in Unix milliseconds. */
export interface Moment {
  /** When it happened, by the device's clock. */
  readonly deviceAt: number;
  /** The device's clock at the moment of sending. */
  readonly sentAt: number;
  readonly receivedAt: number;
}

export interface PlacedMoment {
  readonly at: number;
  readonly clock: ClockVerdict;
}

/** A clock this near is right: delays on the way and a report that waited in a socket are no skew. */
const toleranceMs = 2 * 60_000;
/** How far in the future a corrected time may lie. */
const futureMs = 5 * 60_000;

/**
 * When something happened, whatever the device's clock says: it may start in 1970 and it may step.
 * @param retentionMs what lies further back has no place any more and stands at its arrival
 */
export function placeInTime({ deviceAt, sentAt, receivedAt }: Moment, retentionMs: number): PlacedMoment {
  const skew = receivedAt - sentAt;
  const right = Math.abs(skew) <= toleranceMs;
  const at = right ? deviceAt : deviceAt + skew;
  if (at < receivedAt - retentionMs || at > receivedAt + futureMs) return { at: receivedAt, clock: 'unplaced' };
  return { at, clock: right ? 'right' : 'skewed' };
}
