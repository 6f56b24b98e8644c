import { seededRandom } from '@towline/kit';
import { expect, it } from 'vitest';
import { maxAttempts, outcomeOfStatus, settleAttempt } from './settle-attempt.ts';

const refused = { ok: false, failure: 'refused', status: 500 } as const;

it('waits longer after each try that failed, over a day and a half at most, and then gives up', () => {
  const random = seededRandom(1);
  const gaps: number[] = [];
  for (let attempt = 1; attempt < maxAttempts; attempt += 1) {
    const settled = settleAttempt(refused, attempt, random);
    gaps.push(settled.kind === 'retry' ? settled.delayMs : Number.NaN);
  }
  expect(gaps.every((gap, index) => index === 0 || gap > (gaps[index - 1] ?? 0) * 0.9)).toBe(true);
  expect(gaps[0]).toBeLessThanOrEqual(10_000);
  expect(gaps.reduce((sum, gap) => sum + gap, 0)).toBeLessThan(36 * 3_600_000);
  expect(settleAttempt(refused, maxAttempts, random)).toEqual({ kind: 'give-up', failure: 'refused', status: 500 });
});

it('gives up at once when the receiver says that it wants nothing more', () => {
  expect(settleAttempt(outcomeOfStatus(410), 1, seededRandom(1))).toMatchObject({ kind: 'give-up', failure: 'gone' });
});

it.each([
  [200, { ok: true }],
  [204, { ok: true }],
  [301, { ok: false, failure: 'redirected' }],
  [404, { ok: false, failure: 'refused' }],
  [503, { ok: false, failure: 'refused' }],
  [0, { ok: false, failure: 'refused' }],
])('takes status %i as %o', (status, outcome) => {
  expect(outcomeOfStatus(status)).toMatchObject(outcome);
});
