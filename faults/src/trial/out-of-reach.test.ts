import { expect, test } from 'vitest';
import { longestOutOfReachMs } from './out-of-reach.ts';

const seen = (...times: readonly number[]) => times.map((atMs) => ({ atMs }));

test.each([
  ['lasts from the cut to the next message', [100], [50, 160, 170], [], 60],
  ['is the longest of all', [100, 300], [150, 400], [], 100],
  ['begins with the first of several cuts', [100, 140], [150], [], 50],
  ['begins with the end of a fault that came into it', [100], [200], [{ fromMs: 90, untilMs: 170 }], 30],
  ['is the faults own while it lasts', [100], [200], [{ fromMs: 90, untilMs: 900 }], 0],
  ['is without a short fault only as much shorter', [100], [200], [{ fromMs: 180, untilMs: 190 }], 90],
  [
    'is without two faults at once as if they were one',
    [100],
    [200],
    [
      { fromMs: 120, untilMs: 160 },
      { fromMs: 140, untilMs: 170 },
    ],
    50,
  ],
  ['owes nothing to a fault that came later', [100], [200], [{ fromMs: 210, untilMs: 900 }], 100],
])('the time out of reach %s', (_what, cuts, sights, faults, expected) => {
  expect(longestOutOfReachMs(cuts, seen(...sights), faults)).toBe(expected);
});

test('a link that was never cut was never out of reach, one that never came back has no time', () => {
  expect(longestOutOfReachMs([], seen(1, 2), [])).toBeNull();
  expect(longestOutOfReachMs([5], seen(1, 2), [])).toBeNull();
});
