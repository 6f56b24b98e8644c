import type { Signal } from '@towline/modem';

/** Below any of these a reset costs minutes and mends nothing: what is missing is an antenna (EM7565 field practice). */
const floor = { rsrpDbm: -110, rsrqDb: -15, sinrDb: 0, rssiDbm: -105 } as const;

/** Whether the radio conditions alone explain a failure. No reading at all counts as weak: the ladder needs a reason to climb. */
export function isBelowFloor(signal: Signal | null): boolean {
  if (!signal) return true;
  const { rsrpDbm, rsrqDb, sinrDb, rssiDbm } = signal;
  if (rsrpDbm === null && rssiDbm === null) return true;
  const below = (value: number | null, limit: number) => value !== null && value < limit;
  if (rsrpDbm === null) return below(rssiDbm, floor.rssiDbm);
  return below(rsrpDbm, floor.rsrpDbm) || below(rsrqDb, floor.rsrqDb) || below(sinrDb, floor.sinrDb);
}
