import type { RolloutSettings } from '@towline/protocol/http';
import { badOf, inFlightOf, reachableOf } from './counts.ts';
import type { WaveView } from './view.ts';

/**
 * `passed`: enough succeeded, the next may begin. `short`: all ended and too few succeeded. `unproven`: nobody could be reached, so
 * that nothing is known; a person may go on.
 */
export type WaveStanding = 'under-way' | 'passed' | 'short' | 'unproven';

/** Nothing of it is on its way, to come, or to be tried again. Devices that wait are left behind: they join in when they can. */
export const isSettled = ({ counts, retrying }: WaveView): boolean => counts.pending === 0 && inFlightOf(counts) === 0 && retrying === 0;

type Wanted = Pick<RolloutSettings, 'successPercent' | 'successCount'>;

/**
 * How a wave stands by its success thresholds: of the devices that could be reached and were not forgiven, so many percent, reached when equal
 * (hawkBit's success condition, which a threshold of 0 always meets), and so many, or all of fewer.
 */
export function waveStanding(wave: WaveView, { successPercent, successCount = 0 }: Wanted): WaveStanding {
  const { counts, forgiven, retrying } = wave;
  if (successPercent === 0 && successCount === 0) return 'passed';
  // Who has another try ahead is not done with, forgiven or not.
  const reachable = reachableOf(counts) - Math.min(forgiven.bad, Math.max(0, badOf(counts) - retrying));
  if (reachable <= 0) return counts.waiting > 0 && forgiven.bad === 0 ? 'unproven' : 'passed';
  const isEnough = counts.succeeded * 100 >= successPercent * reachable && counts.succeeded >= Math.min(successCount, reachable);
  if (isEnough) return 'passed';
  return isSettled(wave) ? 'short' : 'under-way';
}
