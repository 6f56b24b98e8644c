import type { Reference } from './enumerate.ts';
import type { TrialSummary } from './summary.ts';
import type { TrialName } from './trial-name.ts';

/** Behind it the change is over, and how many points there are yet depends on the seed. */
const shareOfPoints = 0.9;

/** A wave of so many gateways, each at another point of its change when the control plane goes away for an hour. */
export function outageWave(references: readonly Reference[], gateways: number): readonly TrialName[] {
  const taken = references.filter(({ story }) => story.network === 'takes');
  return Array.from({ length: gateways }, (_none, index) => index).flatMap((index): TrialName[] => {
    const reference = taken[index % taken.length];
    if (!reference) return [];
    const at = Math.floor((index / gateways) * reference.points.length * shareOfPoints);
    return [{ story: reference.story.name, seed: index + 1, faults: [{ at, fault: 'outage' }] }];
  });
}

/** Gateways that did not come to what was ordered, said on the way that they gave it up, or never had the outage in the middle of it. */
export const untrueToTheWave = (summaries: readonly TrialSummary[]): readonly TrialSummary[] =>
  summaries.filter(({ isWell, on, reverts, injected }) => !isWell || on !== 'new' || reverts > 0 || injected.length === 0);
