import type { TrialSummary } from '../campaign/summary.ts';
import { storyNamed } from '../stories/story.ts';
import { percentile } from './percentile.ts';

/** What a group of trials came to. */
export interface Tally {
  readonly trials: number;
  /** Faults that were really injected. */
  readonly faults: number;
  readonly stranded: number;
  /** Ended on what was ordered. */
  readonly changed: number;
  /** Ended on the known good, or on the spare SIM's own. */
  readonly goneBack: number;
  /** Of those that did not end on what was ordered: from the first command that cut the link (or the fault's end) to reachable, in seconds. */
  readonly p50Seconds: number | null;
  readonly p95Seconds: number | null;
  readonly slowestSeconds: number | null;
}

const secondsOf = (ms: number | null) => (ms === null ? null : Math.round(ms / 100) / 10);

export function tallyOf(summaries: readonly TrialSummary[]): Tally {
  const failed = summaries.filter(({ isWell, on }) => isWell && on !== 'new');
  const times = failed.flatMap(({ backAfterMs }) => (backAfterMs === null ? [] : [backAfterMs]));
  return {
    trials: summaries.length,
    faults: summaries.reduce((sum, { injected }) => sum + injected.length, 0),
    stranded: summaries.filter(({ isWell }) => !isWell).length,
    changed: summaries.filter(({ isWell, on }) => isWell && on === 'new').length,
    goneBack: failed.length,
    p50Seconds: secondsOf(percentile(times, 50)),
    p95Seconds: secondsOf(percentile(times, 95)),
    slowestSeconds: secondsOf(percentile(times, 100)),
  };
}

/** Whether the network said no by itself, with a cause, and nothing else went on longer than that. */
export function isRejection({ name, injected }: TrialSummary): boolean {
  const network = storyNamed(name.story)?.network;
  if (injected.length === 0) return network === 'refused';
  return injected.every(({ fault }) => fault === 'new-apn-shut');
}
