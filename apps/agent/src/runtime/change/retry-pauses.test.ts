import { manualClock, seededRandom } from '@towline/kit';
import { longestPauseS } from '@towline/protocol';
import { describe, expect, it } from 'vitest';
import type { GivenUp } from '../../core/transaction/keepsakes.ts';
import { retryPauseMs } from '../../core/transaction/retry-pause.ts';
import { RetryPauses } from './retry-pauses.ts';

const minutes = (count: number) => count * 60_000;
const given = (over: Partial<GivenUp> = {}): GivenUp => ({
  modem: 'm1',
  iccid: '8988',
  key: 'better',
  version: { epoch: 1, number: 2 },
  refusal: { code: 'transaction.unconfirmed', evidence: [] },
  inconclusive: true,
  tries: 1,
  ...over,
});

function fresh() {
  const clock = manualClock();
  return { clock, pauses: new RetryPauses({ clock, random: seededRandom(5) }) };
}

describe('the pause before a change is tried again', () => {
  it.each([
    [1, 0, 11.25],
    [1, 0.999, 18.75],
    [2, 0, 45],
    [2, 0.999, 75],
  ])('after %d tries, with a draw of %d, is %d minutes', (tries, draw, wanted) => {
    expect(retryPauseMs(tries, draw) / minutes(1)).toBeCloseTo(wanted, 0);
    expect(retryPauseMs(tries, draw)).toBeLessThanOrEqual(longestPauseS * 1_000);
  });

  it('runs from when the control plane is met, however long that takes', async () => {
    const { clock, pauses } = fresh();
    expect(pauses.of(given(), false)).toEqual({ triesLeft: 2, until: null });
    await clock.advance(minutes(300));
    const begun = pauses.of(given(), true);
    expect(begun?.until).toBeGreaterThan(clock.wallMs() + minutes(11));
    await clock.advance(minutes(11));
    expect(pauses.of(given(), true)).toEqual(begun);
    await clock.advance(minutes(8));
    expect(pauses.of(given(), true)).toBeNull();
  });

  it('that is over waits for the control plane, and wakes nobody meanwhile', async () => {
    const { clock, pauses } = fresh();
    pauses.of(given(), true);
    expect(pauses.endsAtMs('m1')).toBeLessThan(clock.monotonicMs() + minutes(19));
    expect(pauses.endsAtMs('m2')).toBe(Number.POSITIVE_INFINITY);
    await clock.advance(minutes(20));
    expect(pauses.of(given(), false)).not.toBeNull();
    expect(pauses.endsAtMs('m1')).toBe(Number.POSITIVE_INFINITY);
    expect(pauses.of(given(), true)).toBeNull();
  });

  it('is neither shortened nor lengthened by a wall clock that jumps', async () => {
    const { clock, pauses } = fresh();
    pauses.of(given(), true);
    clock.jumpWall(Date.UTC(2038, 0, 1));
    expect(pauses.of(given(), true)).not.toBeNull();
    clock.jumpWall(0);
    await clock.advance(minutes(19));
    expect(pauses.of(given(), true)).toBeNull();
  });

  it('is of one SIM: another in the same modem has its own', async () => {
    const { clock, pauses } = fresh();
    pauses.of(given(), true);
    await clock.advance(minutes(19));
    expect(pauses.of(given({ iccid: '8999' }), true)).not.toBeNull();
  });

  it('ends at once when somebody wants that, also before it has begun', () => {
    const { pauses } = fresh();
    pauses.end('m1');
    expect(pauses.of(given(), true)).toBeNull();
  });
});
