import type { RolloutCause, RolloutCounts, RolloutDeviceState, RolloutProgress } from '@towline/protocol/http';
import { inFlightOf, noCounts } from '../decide/counts.ts';

/** How many devices of a wave stand in one state. */
export interface CountRow {
  readonly wave: number;
  readonly state: RolloutDeviceState;
  readonly devices: number;
}

/** What was read of a rollout, in one moment. */
export interface ProgressRows extends Omit<RolloutProgress, 'counts' | 'waves' | 'causes'> {
  readonly waves: readonly Omit<RolloutProgress['waves'][number], 'counts'>[];
  readonly counts: readonly CountRow[];
  readonly causes: readonly Omit<RolloutCause, 'link'>[];
}

const countsOf = (rows: readonly CountRow[]): RolloutCounts => {
  const counts = { ...noCounts };
  for (const { state, devices } of rows) counts[state] += devices;
  return counts;
};

const linkTo = (rollout: string, { state, code }: Omit<RolloutCause, 'link'>): string =>
  `/v1/rollouts/${rollout}/devices?${new URLSearchParams({ state, code }).toString()}`;

/** Counts of each wave and of all, and where the devices behind each cause are listed. */
export function foldProgress({ waves, counts, causes, ...rollout }: ProgressRows): RolloutProgress {
  const byWave = waves.map((wave) => ({ ...wave, counts: countsOf(counts.filter((row) => row.wave === wave.number)) }));
  const linked = causes.map((cause) => ({ ...cause, link: linkTo(rollout.rollout, cause) }));
  return { ...rollout, waves: byWave, counts: countsOf(counts), causes: linked };
}

const endStates: readonly RolloutProgress['state'][] = ['finished', 'aborted', 'reverted'];

/** Nothing goes on in it any more; only a person could begin again. */
export const isOver = ({ state, counts }: RolloutProgress): boolean =>
  endStates.includes(state) && inFlightOf({ ...noCounts, ...counts }) === 0;
