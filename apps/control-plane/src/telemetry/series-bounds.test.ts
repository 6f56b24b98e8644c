import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketMs, spanOf } from './series-bounds.ts';

const now = Date.UTC(2026, 0, 31);

it('takes the day before now when nothing is said', () => {
  expect(spanOf({}, now)).toEqual({ ok: true, value: { fromMs: now - 86_400_000, toMs: now } });
});

it('refuses a span that runs backwards or is too long', () => {
  expect(spanOf({ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, now).ok).toBe(false);
  expect(spanOf({ from: '2020-01-01T00:00:00Z' }, now).ok).toBe(false);
});

it('never gives more than 1000 buckets', () => {
  const asked = fc.oneof(
    fc.record({ points: fc.integer({ min: 1, max: 1000 }) }),
    fc.record({ bucketS: fc.integer({ min: 1, max: 86_400 }) }),
    fc.constant({}),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 366 * 86_400_000 }), asked, (spanMs, query) => {
      const width = bucketMs({ fromMs: 0, toMs: spanMs }, query);
      if (width.ok) expect(Math.ceil(spanMs / width.value)).toBeLessThanOrEqual(1000);
    }),
  );
});
