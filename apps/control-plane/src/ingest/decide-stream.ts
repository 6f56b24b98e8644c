/** How far one report stream is committed. Sequences begin at 1. */
export interface StreamProgress {
  /** Everything up to here is committed, or given up by the device. */
  readonly through: number;
  /** Committed beyond a gap, ascending. */
  readonly ahead: readonly number[];
}

export const newStream: StreamProgress = { through: 0, ahead: [] };

/** Far more than the reports a device keeps in flight. */
export const maxAhead = 256;

export type StreamVerdict =
  | { readonly verdict: 'fresh'; readonly progress: StreamProgress }
  | { readonly verdict: 'duplicate'; readonly progress: StreamProgress }
  /** Too much is missing before it: neither stored nor acknowledged, so the device keeps it and sends it again. */
  | { readonly verdict: 'too-far-ahead'; readonly progress: StreamProgress };

/** Takes up what has become contiguous. */
function closeGap(through: number, ahead: readonly number[]): StreamProgress {
  let end = through;
  let taken = 0;
  for (const sequence of ahead) {
    if (sequence > end + 1) break;
    end = Math.max(end, sequence);
    taken += 1;
  }
  return { through: end, ahead: taken === 0 ? ahead : ahead.slice(taken) };
}

/**
 * Whether a report is new, and how far its stream then is.
 * @param report `base`: below it the device holds nothing any more, so nothing below it is waited for
 */
export function decideStream(progress: StreamProgress, report: { base: number; sequence: number }): StreamVerdict {
  const settled = report.base - 1 > progress.through ? closeGap(report.base - 1, progress.ahead) : progress;
  const { sequence } = report;
  if (sequence <= settled.through || settled.ahead.includes(sequence)) return { verdict: 'duplicate', progress: settled };
  if (sequence === settled.through + 1) return { verdict: 'fresh', progress: closeGap(sequence, settled.ahead) };
  if (settled.ahead.length >= maxAhead) return { verdict: 'too-far-ahead', progress: settled };
  const ahead = [...settled.ahead, sequence].sort((left, right) => left - right);
  return { verdict: 'fresh', progress: { through: settled.through, ahead } };
}
