import { describe, expect, it } from 'vitest';
import { firstBatchSize, largestBatch, nextBatchSize, smallestBatch } from './batch-size.ts';

const quick = { took: 10, commitMs: 10, waiting: 0 };

describe('how many messages a batch takes', () => {
  it.each([
    ['grows while full batches are committed quickly and more wait', 200, { took: 200, commitMs: 50, waiting: 1 }, 400],
    ['stays where nothing more waits', 200, { took: 200, commitMs: 50, waiting: 0 }, 200],
    ['stays where commits are neither quick nor slow', 200, { took: 200, commitMs: 300, waiting: 1 }, 200],
    ['halves where they are slow', 400, { took: 400, commitMs: 401, waiting: 1 }, 200],
    ['has a least', smallestBatch, { took: 1, commitMs: 5000, waiting: 1 }, smallestBatch],
    ['has a most', largestBatch, { took: largestBatch, commitMs: 50, waiting: 1 }, largestBatch],
  ])('%s', (_, limit, last, next) => {
    expect(nextBatchSize({ ...firstBatchSize, limit }, last).limit).toBe(next);
  });
});

it.each([
  [1, 4],
  [20, 40],
  [5000, 100],
])('after a commit of %d ms the first message of the next batch waits %d ms for company', (commitMs, gatherMs) => {
  expect(nextBatchSize(firstBatchSize, { ...quick, commitMs }).gatherMs).toBe(gatherMs);
});
