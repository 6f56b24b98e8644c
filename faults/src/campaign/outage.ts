import type { Reference } from './enumerate.ts';
import type { TrialSummary } from './summary.ts';
import type { TrialName } from './trial-name.ts';

/** A wave of so many gateways, each at another point of its change when the control plane goes away for an hour. */
export function outageWave(references: readonly Reference[], gateways: number): readonly TrialName[] {
  const taken = references.filter(({ story }) => story.network === 'takes');
  return Array.from({ length: gateways }, (_none, index) => index).flatMap((index): TrialName[] => {
    const reference = taken[index % taken.length];
    if (!reference) return [];
    const at = Math.floor((index / gateways) * reference.points.length);
    return [{ story: reference.story.name, seed: index + 1, faults: [{ at, fault: 'outage' }] }];
  });
}

/** Gateways that did not come to what was ordered, or said on the way that they gave it up. */
export const untrueToTheWave = (summaries: readonly TrialSummary[]): readonly TrialSummary[] =>
  summaries.filter(({ isWell, on, reverts }) => !isWell || on !== 'new' || reverts > 0);
