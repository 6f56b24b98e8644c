import { manualClock } from '@towline/kit';
import { expect, it } from 'vitest';
import { Throttle } from './throttle.ts';

it('lets a key act so often a window, and again in the next', async () => {
  const clock = manualClock();
  const throttle = new Throttle({ limit: 2, windowMs: 10_000, maxKeys: 10 }, clock);
  expect([throttle.take('a'), throttle.take('a'), throttle.take('a')]).toEqual([null, null, 10]);
  expect(throttle.take('b')).toBeNull();
  expect(throttle.exhausted('a')).toBe(10);
  await clock.advance(10_000);
  expect(throttle.exhausted('a')).toBeNull();
  expect(throttle.take('a')).toBeNull();
});

it('forgets the oldest key rather than grow', () => {
  const throttle = new Throttle({ limit: 1, windowMs: 10_000, maxKeys: 2 }, manualClock());
  for (const key of ['a', 'b', 'c']) throttle.take(key);
  expect(throttle.exhausted('a')).toBeNull();
  expect(throttle.exhausted('c')).toBe(10);
});
