import { type RolloutCounts, rolloutDeviceStateSchema } from '@towline/protocol/http';
import { badStates } from '../rollout-states.ts';
import type { Move } from './decision.ts';
import type { Forgiven, WaveView } from './view.ts';

export const noCounts: RolloutCounts = {
  pending: 0,
  waiting: 0,
  opened: 0,
  changing: 0,
  succeeded: 0,
  failed: 0,
  reverted: 0,
  silent: 0,
  skipped: 0,
  cancelled: 0,
};

export function addCounts(left: RolloutCounts, right: RolloutCounts): RolloutCounts {
  const sum = { ...left };
  for (const state of rolloutDeviceStateSchema.options) sum[state] += right[state];
  return sum;
}

export const badOf = (counts: RolloutCounts): number => badStates.reduce((sum, state) => sum + counts[state], 0);
/** Ended, well or not. */
export const judgedOf = (counts: RolloutCounts): number => counts.succeeded + badOf(counts);
/** Devices that said that they hold their target. */
export const acknowledgedOf = (counts: RolloutCounts): number => counts.changing + judgedOf(counts);
export const inFlightOf = (counts: RolloutCounts): number => counts.opened + counts.changing;
/** Devices that a threshold is a share of: nobody can blame the change for those that it could not reach. */
export const reachableOf = (counts: RolloutCounts): number => counts.pending + counts.opened + acknowledgedOf(counts);

export const forgivenNow = (counts: RolloutCounts): Forgiven => ({ bad: badOf(counts), judged: judgedOf(counts) });

/** Who came to it after all needs no forgiving, and leaves it to nobody who goes wrong later. */
export const stillForgiven = ({ bad, judged }: Forgiven, counts: RolloutCounts): Forgiven => ({
  bad: Math.min(bad, badOf(counts)),
  judged,
});

function afterMoves(wave: WaveView, moves: readonly Move[]): WaveView {
  const counts = { ...wave.counts };
  let { retrying } = wave;
  for (const { from, to, nextTryAtMs } of moves) {
    counts[from] -= 1;
    counts[to] += 1;
    if (nextTryAtMs !== null) retrying += 1;
  }
  return { ...wave, counts, retrying };
}

export const sumOf = (waves: readonly WaveView[]): RolloutCounts => waves.reduce((sum, { counts }) => addCounts(sum, counts), noCounts);

/** The waves as they are once these devices have moved. */
export function wavesAfter(waves: readonly WaveView[], moves: readonly Move[]): WaveView[] {
  return waves.map((wave) =>
    afterMoves(
      wave,
      moves.filter((move) => move.wave === wave.number),
    ),
  );
}
