/** How many messages one transaction may take. */
export interface BatchSize {
  readonly limit: number;
}

export const smallestBatch = 100;
export const largestBatch = 5000;
/** A commit that takes longer makes every report in it wait. */
const slowMs = 400;
const quickMs = 200;

export const firstBatchSize: BatchSize = { limit: smallestBatch };

/** Grows while there is a backlog that larger batches would clear in good time, shrinks when commits become slow. */
export function nextBatchSize({ limit }: BatchSize, last: { took: number; commitMs: number; waiting: number }): BatchSize {
  if (last.commitMs > slowMs) return { limit: Math.max(smallestBatch, Math.floor(limit / 2)) };
  const full = last.took >= limit && last.waiting > 0;
  return full && last.commitMs < quickMs ? { limit: Math.min(largestBatch, limit * 2) } : { limit };
}
