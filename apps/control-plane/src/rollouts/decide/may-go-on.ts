import { wavesAfter } from './counts.ts';
import type { Decision } from './decision.ts';
import type { RolloutView, WaveView } from './view.ts';

/** Somebody of the waves that have begun is still to be opened, or to be opened again. */
const isAnyoneLeft = ({ number, counts, retrying }: WaveView, currentWave: number): boolean =>
  number <= currentWave && (counts.pending > 0 || counts.waiting > 0 || retrying > 0);

/**
 * Whether a step right after the one that carried this decision out could find something to do, though nobody said anything meanwhile. Devices
 * that only came to their ends leave nothing: whatever follows from it for the waves was decided with them, unless they made room for others.
 */
export function mayGoOn({ state, waves, currentWave }: RolloutView, { moves, openings, act, beginWave }: Decision): boolean {
  if (act !== null || beginWave !== null || openings.length > 0) return true;
  if (moves.length === 0) return false;
  return state !== 'running' || wavesAfter(waves, moves).some((wave) => isAnyoneLeft(wave, currentWave));
}
