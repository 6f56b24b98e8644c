import { type RolloutCounts, type RolloutWaves, rolloutSettingsSchema } from '@towline/protocol/http';
import { describe, expect, it } from 'vitest';
import { noCounts } from './counts.ts';
import { cutWaves } from './cut-waves.ts';
import { breakerTrips, waveFails } from './halt.ts';
import { creditNow, ratePerMinute } from './pace.ts';
import type { WaveView } from './view.ts';
import { waveStanding } from './wave-standing.ts';

const nothing = { bad: 0, judged: 0 };
const wave = (counts: Partial<RolloutCounts>, forgiven = nothing): WaveView => ({
  number: 1,
  manual: false,
  retrying: 0,
  forgiven,
  counts: { ...noCounts, ...counts },
});
const breaker = (settings: object) => rolloutSettingsSchema.parse({ breaker: settings }).breaker;

describe("hawkBit's conditions of a group (ThresholdRolloutGroupSuccessCondition, ThresholdRolloutGroupErrorCondition)", () => {
  it.each([
    // A group of 10 with trigger threshold 50 % and error threshold 30 %.
    [{ succeeded: 4, changing: 6 }, 'under-way', false],
    [{ succeeded: 5, changing: 5 }, 'passed', false],
    [{ succeeded: 3, failed: 3, changing: 4 }, 'under-way', false],
    [{ succeeded: 3, failed: 4, changing: 3 }, 'under-way', true],
    [{ succeeded: 6, failed: 4 }, 'passed', true],
    [{ succeeded: 4, failed: 3, reverted: 2, silent: 1 }, 'short', true],
    [{}, 'passed', false],
  ] as const)('%j is %s, in error: %s', (counts, standing, fails) => {
    expect(waveStanding(wave(counts), { successPercent: 50 })).toBe(standing);
    expect(waveFails(wave(counts), { failurePercent: 30 })).toBe(fails);
  });

  it('counts neither who could not be reached, nor who was left out', () => {
    expect(waveStanding(wave({ succeeded: 1, waiting: 8, skipped: 1 }), { successPercent: 100 })).toBe('passed');
    expect(waveFails(wave({ failed: 1, waiting: 8, succeeded: 1 }), { failurePercent: 30 })).toBe(true);
  });

  it('takes a wave that nobody could be reached of for no proof, unlike hawkBit', () => {
    expect(waveStanding(wave({ waiting: 10 }), { successPercent: 50 })).toBe('unproven');
    expect(waveStanding(wave({ waiting: 10 }), { successPercent: 0 })).toBe('passed');
    expect(waveStanding(wave({ skipped: 10 }), { successPercent: 50 })).toBe('passed');
  });

  it('goes not on past those who are tried again, forgiven or not', () => {
    const forgiven = { bad: 6, judged: 10 };
    expect(waveStanding({ ...wave({ succeeded: 4, failed: 6 }, forgiven), retrying: 6 }, { successPercent: 90 })).toBe('under-way');
    expect(waveStanding({ ...wave({ succeeded: 4, failed: 6 }, forgiven), retrying: 1 }, { successPercent: 90 })).toBe('under-way');
    expect(waveStanding({ ...wave({ succeeded: 9, failed: 6 }, forgiven), retrying: 1 }, { successPercent: 90 })).toBe('passed');
  });

  it('goes on after what a person has forgiven', () => {
    expect(waveStanding(wave({ succeeded: 4, failed: 6 }, { bad: 6, judged: 10 }), { successPercent: 90 })).toBe('passed');
    expect(waveFails(wave({ succeeded: 4, failed: 6 }, { bad: 6, judged: 10 }), { failurePercent: 30 })).toBe(false);
    expect(waveFails(wave({ succeeded: 2, failed: 7, changing: 1 }, { bad: 3, judged: 4 }), { failurePercent: 30 })).toBe(true);
  });
});

describe('thresholds of a wave by count', () => {
  it.each([
    [{ succeeded: 4, changing: 96 }, 'under-way'],
    [{ succeeded: 5, changing: 95 }, 'passed'],
    [{ succeeded: 4, failed: 96 }, 'short'],
    [{ succeeded: 2, waiting: 98 }, 'passed'],
    [{ succeeded: 2, failed: 1, waiting: 97 }, 'short'],
    [{ waiting: 100 }, 'unproven'],
  ] as const)('of %j, five successes wanted: %s', (counts, standing) => {
    expect(waveStanding(wave(counts), { successPercent: 0, successCount: 5 })).toBe(standing);
  });

  it('hold beside the shares', () => {
    expect(waveStanding(wave({ succeeded: 5, changing: 95 }), { successPercent: 50, successCount: 5 })).toBe('under-way');
    expect(waveFails(wave({ succeeded: 90, failed: 5 }), { failurePercent: 50, failureCount: 5 })).toBe(true);
    expect(waveFails(wave({ succeeded: 1, failed: 4 }), { failurePercent: 50, failureCount: 5 })).toBe(true);
  });

  it('are reached at the count, without what a person has forgiven', () => {
    expect(waveFails(wave({ succeeded: 90, failed: 4 }), { failureCount: 5 })).toBe(false);
    expect(waveFails(wave({ succeeded: 90, failed: 9 }, { bad: 5, judged: 90 }), { failureCount: 5 })).toBe(false);
    expect(waveFails(wave({ succeeded: 90, failed: 10 }, { bad: 5, judged: 90 }), { failureCount: 5 })).toBe(true);
    expect(waveFails(wave({ failed: 10 }), {})).toBe(false);
  });
});

describe("AWS IoT Jobs' abort criteria, on every kind of failure at once", () => {
  // thresholdPercentage 20, minNumberOfExecutedThings 200, as in its developer guide.
  const criteria = breaker({ percent: 20, minimumSample: 200 });
  it.each([
    [{ failed: 199 }, null],
    [{ succeeded: 161, failed: 39 }, null],
    [{ succeeded: 160, failed: 40 }, 'breaker.percent'],
    [{ succeeded: 160, failed: 20, silent: 10, reverted: 10 }, 'breaker.percent'],
    [{ succeeded: 160, failed: 20, waiting: 500, opened: 100 }, null],
  ] as const)('%j: %s', (counts, reason) => {
    expect(breakerTrips({ ...noCounts, ...counts }, nothing, criteria)).toBe(reason);
  });

  it('trips at a count, whatever the share, and does not trip again by what was forgiven', () => {
    const counts = { ...noCounts, succeeded: 900, failed: 5 };
    const five = breaker({ percent: 50, count: 5 });
    expect(breakerTrips(counts, nothing, five)).toBe('breaker.count');
    expect(breakerTrips(counts, { bad: 5, judged: 905 }, five)).toBeNull();
    expect(breakerTrips({ ...counts, failed: 9 }, { bad: 5, judged: 905 }, five)).toBeNull();
    expect(breakerTrips({ ...counts, failed: 10 }, { bad: 5, judged: 905 }, five)).toBe('breaker.count');
  });
});

describe("AWS IoT Jobs' exponential rate: 50 a minute, factor 2, after 1,000 notified, at most 1,000", () => {
  const settings = rolloutSettingsSchema.parse({ waves: { kind: 'rate' } });
  it.each([
    [0, 50],
    [999, 50],
    [1000, 100],
    [2000, 200],
    [3500, 400],
    [4000, 800],
    [5000, 1000],
    [90_000, 1000],
  ])('after %i it is %i a minute', (succeeded, rate) => {
    expect(ratePerMinute(settings, [wave({ succeeded })])).toBe(rate);
  });

  it('counts only those that succeeded where it is told to (its numberOfSucceededThings)', () => {
    const bySuccess = rolloutSettingsSchema.parse({
      waves: { kind: 'rate', counting: 'succeeded', after: 500, factor: 1.5, maxPerMinute: 200 },
    });
    const at = (succeeded: number, changing: number) => ratePerMinute(bySuccess, [wave({ succeeded, changing })]);
    expect([at(499, 9000), at(500, 0), at(1000, 0), at(5000, 0)]).toEqual([50, 75, 112.5, 200]);
  });

  it('gives no more than its rate in a minute, however often and late one asks', () => {
    let credit = creditNow(null, 50, 0);
    let given = 0;
    for (let nowMs = 0; nowMs <= 60_000; nowMs += nowMs % 7 === 0 ? 13 : 977) {
      credit = creditNow(credit, 50, nowMs);
      const taken = Math.floor(credit?.amount ?? 0);
      given += taken;
      credit = credit && { ...credit, amount: credit.amount - taken };
    }
    expect(given).toBeGreaterThan(40);
    expect(given).toBeLessThanOrEqual(51);
  });
});

describe('waves', () => {
  it.each<[RolloutWaves, number, number[]]>([
    [{ kind: 'percents', percents: [5, 25, 70] }, 1000, [50, 250, 700]],
    [{ kind: 'percents', percents: [1, 10] }, 10, [1, 9]],
    [{ kind: 'percents', percents: [5, 25, 70] }, 1, [1]],
    [{ kind: 'percents', percents: [50, 50, 50] }, 3, [2, 1]],
    [{ kind: 'counts', sizes: [1, 5] }, 20, [1, 19]],
    [{ kind: 'counts', sizes: [10] }, 0, []],
  ])('%j of %i devices are %j', (waves, devices, sizes) => {
    expect(cutWaves(waves, devices)).toEqual(sizes);
  });
});
