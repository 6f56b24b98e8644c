/** How many messages one transaction may take, and how long the first of them waits for company: alone it costs as much as fifty. */
export interface BatchSize {
  readonly limit: number;
  readonly gatherMs: number;
}

export const smallestBatch = 100;
export const largestBatch = 5000;
/** A commit that takes longer makes every report in it wait. */
const slowMs = 400;
const quickMs = 200;

export const shortestGatherMs = 4;
const longestGatherMs = 100;

export const firstBatchSize: BatchSize = { limit: smallestBatch, gatherMs: shortestGatherMs };

interface LastBatch {
  readonly took: number;
  readonly commitMs: number;
  readonly waiting: number;
}

/** Grows while there is a backlog that larger batches would clear in good time, shrinks when commits become slow. */
function nextLimit(limit: number, { took, commitMs, waiting }: LastBatch): number {
  if (commitMs > slowMs) return Math.max(smallestBatch, Math.floor(limit / 2));
  const full = took >= limit && waiting > 0;
  return full && commitMs < quickMs ? Math.min(largestBatch, limit * 2) : limit;
}

/** Company is waited for twice as long as the last commit took: a busy edge makes a third of the batches, an idle one answers as quickly. */
export function nextBatchSize({ limit }: BatchSize, last: LastBatch): BatchSize {
  const gatherMs = Math.min(longestGatherMs, Math.max(shortestGatherMs, last.commitMs * 2));
  return { limit: nextLimit(limit, last), gatherMs };
}
