import type { StreamChange } from '@towline/protocol/http';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { drainQueue, emptyQueue, enqueueChange } from './change-queue.ts';

const change = (id: string): StreamChange => ({ kind: 'device', id, device: id });

it('tells a repeated change once and counts what does not fit', () => {
  const queue = ['a', 'b', 'a', 'c', 'd'].reduce((filled, id) => enqueueChange(filled, change(id), 3), emptyQueue);
  expect([...queue.waiting.keys()]).toEqual(['device/a', 'device/b', 'device/c']);
  expect(drainQueue(queue)).toContain('event: dropped\ndata: {"count":1}\n\n');
});

it('is bounded, and names or counts everything that came', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 })), fc.integer({ min: 1, max: 10 }), (ids, limit) => {
      const queue = ids.reduce((filled, id) => enqueueChange(filled, change(String(id)), limit), emptyQueue);
      expect(queue.waiting.size).toBeLessThanOrEqual(limit);
      const missing = ids.filter((id) => !queue.waiting.has(`device/${id}`));
      expect(queue.dropped).toBe(missing.length);
    }),
  );
});
