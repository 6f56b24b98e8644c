import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeInTime } from './place-in-time.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const now = Date.UTC(2026, 10, 21, 12);
const place = (deviceAt: number, sentAt: number) => placeInTime({ deviceAt, sentAt, receivedAt: now }, 30 * day);

test('a right clock is believed', () => {
  expect(place(now - 10 * minute, now - 90_000)).toEqual({ at: now - 10 * minute, clock: 'right' });
});

test('a clock that started in 1970 is corrected by what it said at sending', () => {
  expect(place(40 * minute, 45 * minute)).toEqual({ at: now - 5 * minute, clock: 'skewed' });
});

test('a clock a year ahead is corrected too', () => {
  expect(place(now + 365 * day - minute, now + 365 * day)).toEqual({ at: now - minute, clock: 'skewed' });
});

test('a sample from before the clock stepped stands at its arrival', () => {
  expect(place(5 * minute, now)).toEqual({ at: now, clock: 'unplaced' });
  expect(place(now + 365 * day, now)).toEqual({ at: now, clock: 'unplaced' });
});

test('what is placed lies in what is kept, whatever the clocks say', () => {
  const anyTime = fc.integer({ min: 0, max: 253_402_300_799_999 });
  fc.assert(
    fc.property(anyTime, anyTime, (deviceAt, sentAt) => {
      const { at } = place(deviceAt, sentAt);
      expect(at).toBeGreaterThanOrEqual(now - 30 * day);
      expect(at).toBeLessThanOrEqual(now + 5 * minute);
    }),
  );
});
