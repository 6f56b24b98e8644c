import { percentile } from '@towline/kit';
import type { TrialSummary } from '../campaign/summary.ts';
import { boundMs } from '../stories/bound.ts';
import { type Story, storyNamed } from '../stories/story.ts';
import type { FaultName } from '../trial/fault-classes.ts';

/** What a group of trials came to. */
export interface Tally {
  readonly trials: number;
  /** Faults that were really injected. */
  readonly faults: number;
  /** Trials with fewer than were planned: the change was over before a point was reached, or a fault was not due there. */
  readonly curtailed: number;
  readonly stranded: number;
  /** Ended on what was ordered. */
  readonly changed: number;
  /** Ended on the known good, or on the spare SIM's own. */
  readonly goneBack: number;
  /** Of those that did not end on what was ordered: the longest out of reach, in seconds. */
  readonly p50Seconds: number | null;
  readonly p95Seconds: number | null;
  readonly slowestSeconds: number | null;
}

export const secondsOf = (ms: number | null) => (ms === null ? null : Math.round(ms / 100) / 10);

export function tallyOf(summaries: readonly TrialSummary[]): Tally {
  const failed = summaries.filter(({ isWell, on }) => isWell && on !== 'new');
  const times = failed.flatMap(({ outOfReachMs }) => (outOfReachMs === null ? [] : [outOfReachMs]));
  return {
    trials: summaries.length,
    faults: summaries.reduce((sum, { injected }) => sum + injected.length, 0),
    curtailed: summaries.filter(({ name, injected }) => injected.length < name.faults.length).length,
    stranded: summaries.filter(({ isWell }) => !isWell).length,
    changed: summaries.filter(({ isWell, on }) => isWell && on === 'new').length,
    goneBack: failed.length,
    p50Seconds: secondsOf(percentile(times, 50)),
    p95Seconds: secondsOf(percentile(times, 95)),
    slowestSeconds: secondsOf(percentile(times, 100)),
  };
}

/** Those of these faults that no trial injected: a campaign says nothing of them. */
export function neverInjected(faults: readonly FaultName[], summaries: readonly TrialSummary[]): readonly FaultName[] {
  const tried = new Set(summaries.flatMap(({ injected }) => injected.map(({ fault }) => fault)));
  return faults.filter((fault) => !tried.has(fault));
}

/** Whether the network said no by itself, with a cause, and nothing else went on longer than that. */
export function isRejection({ name, injected }: TrialSummary): boolean {
  const network = storyNamed(name.story)?.network;
  if (injected.length === 0) return network === 'refused';
  return injected.every(({ fault }) => fault === 'new-apn-shut');
}

/** Whether 19 of 20 changes of this story that failed were back in time; null: none failed. */
export function isWithinBound(story: Story, { p95Seconds }: Tally): boolean | null {
  return p95Seconds === null ? null : p95Seconds * 1_000 <= boundMs(story);
}

/** Stories whose changes took too long to come back. */
export function beyondBound(stories: readonly Story[], summaries: readonly TrialSummary[]): readonly Story[] {
  return stories.filter((story) => isWithinBound(story, tallyOf(summaries.filter(({ name }) => name.story === story.name))) === false);
}
