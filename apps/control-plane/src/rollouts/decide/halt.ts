import type { RolloutCounts, RolloutSettings } from '@towline/protocol/http';
import { acknowledgedOf, badOf, reachableOf, sumOf } from './counts.ts';
import type { RolloutReason } from './decision.ts';
import type { Forgiven, WaveView } from './view.ts';

/**
 * Whether too much went wrong over the whole rollout. A share is one of the devices that acknowledged, reached when it is equal (AWS IoT Jobs:
 * "the minimum percentage of job execution failures that must occur"), and means nothing below the minimum sample.
 */
export function breakerTrips(counts: RolloutCounts, forgiven: Forgiven, breaker: RolloutSettings['breaker']): RolloutReason | null {
  const bad = badOf(counts) - forgiven.bad;
  const sample = acknowledgedOf(counts) - forgiven.judged;
  if (bad <= 0) return null;
  if (breaker.count !== undefined && bad >= breaker.count) return 'breaker.count';
  return sample >= breaker.minimumSample && bad * 100 >= breaker.percent * sample ? 'breaker.percent' : null;
}

type Tolerated = Pick<RolloutSettings, 'failurePercent' | 'failureCount'>;

/** Whether more than the tolerated share of a wave's reachable devices went wrong (hawkBit's error condition: more than, not equal), or as many as the count. */
export function waveFails({ counts, forgiven }: WaveView, { failurePercent, failureCount }: Tolerated): boolean {
  const bad = badOf(counts) - forgiven.bad;
  if (bad <= 0) return false;
  if (failureCount !== undefined && bad >= failureCount) return true;
  return failurePercent !== undefined && bad * 100 > failurePercent * reachableOf(counts);
}

export function haltReason(waves: readonly WaveView[], settings: RolloutSettings, forgiven: Forgiven): RolloutReason | null {
  const tripped = breakerTrips(sumOf(waves), forgiven, settings.breaker);
  if (tripped) return tripped;
  return waves.some((wave) => waveFails(wave, settings)) ? 'wave.failures' : null;
}
