import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRolloutViolations, mostAtOnce } from './find-rollout-violations.ts';
import type { AuditLine, DeviceChange, OperatorCall, RolloutHistory } from './rollout-history.ts';

const policy = 'p@2';
const change = (device: string, fromMs: number, untilMs: number | null, target = '1.2'): DeviceChange => ({
  device,
  target,
  policy,
  fromMs,
  untilMs,
});
const line = (action: string, atMs: number, fields: Partial<AuditLine> = {}): AuditLine => ({
  action: `rollout.${action}`,
  atMs,
  reason: null,
  wave: null,
  ...fields,
});
const call = (act: OperatorCall['act'], calledMs: number, answeredMs: number, fields: Partial<OperatorCall> = {}): OperatorCall => ({
  act,
  reason: `${act} at ${calledMs}`,
  calledMs,
  answeredMs,
  outcome: 'ok',
  stillToOpen: [],
  ...fields,
});
const member = (device: string, wave: number, site: string | null = null) => ({ device, wave, site, state: 'succeeded' });

/** Two waves of two devices, a pause between them; at most two at once, one at a site. */
const whole: RolloutHistory = {
  policy,
  waves: 2,
  caps: { inFlight: 2, perSite: 1 },
  changes: [change('a', 20, 30), change('b', 21, 31), change('c', 60, 70), change('d', 70, 80)],
  calls: [call('start', 9, 12), call('pause', 25, 28, { stillToOpen: ['c', 'd'] }), call('resume', 50, 52)],
  members: [member('a', 1, 'north'), member('b', 1), member('c', 2, 'north'), member('d', 2, 'north')],
  counts: { succeeded: 4, failed: 0 },
  audit: [
    line('plan', 1),
    line('submit', 2),
    line('start', 10, { reason: 'start at 9' }),
    line('wave', 10, { wave: 1 }),
    line('pause', 26, { reason: 'pause at 25' }),
    line('resume', 51, { reason: 'resume at 50' }),
    line('wave', 55, { wave: 2 }),
    line('finish', 90, { reason: 'rollout.done' }),
  ],
};

const broken = (fields: Partial<RolloutHistory>) =>
  findRolloutViolations({ ...whole, ...fields }).map(({ code, about }) => `${code} ${about}`);
const audit = (...lines: AuditLine[]) => [...whole.audit, ...lines].sort((left, right) => left.atMs - right.atMs);
const without = (action: string) => whole.audit.filter((one) => one.action !== `rollout.${action}`);

describe('a rollout that keeps its promises', () => {
  it('has no violation, in whatever order its changes are told', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...whole.changes], { minLength: whole.changes.length }), (changes) => {
        expect(broken({ changes })).toEqual([]);
      }),
    );
  });

  it('may do or not do what nobody knows it was asked', () => {
    const lost = call('pause', 82, 84, { outcome: 'unknown' });
    const calls = [...whole.calls, lost, call('resume', 86, 87)];
    const resumed = line('resume', 86.5, { reason: 'resume at 86' });
    expect(broken({ calls, audit: audit(line('pause', 83, { reason: lost.reason }), resumed) })).toEqual([]);
    expect(broken({ calls: [...whole.calls, lost] })).toEqual([]);
  });
});

describe('a broken promise is told by its name', () => {
  it('when a device changes again, to the same target or to another one of the same policy', () => {
    expect(broken({ changes: [...whole.changes, change('a', 85, 86)] })).toEqual(['changed-twice a']);
    expect(broken({ changes: [...whole.changes, change('a', 85, 86, '1.3')] })).toEqual(['changed-twice a']);
  });

  it('when a device that counts as changed never was', () => {
    expect(broken({ changes: whole.changes.slice(1) })).toEqual(['never-changed a']);
    expect(broken({ changes: [change('a', 20, null), ...whole.changes.slice(1)] })).toContain('never-changed a');
  });

  it('when more are on their way than may be, for however short', () => {
    expect(broken({ caps: { inFlight: 1, perSite: 1 } })).toEqual(['cap-exceeded 2']);
    const overlapping = [...whole.changes.slice(0, 3), change('d', 69, 80)];
    expect(broken({ changes: overlapping })).toEqual(['site-cap-exceeded north']);
  });

  it('when one that a pause found not opened begins before somebody resumes', () => {
    const late = [change('a', 29, 40), ...whole.changes.slice(1)];
    expect(broken({ changes: late })).toEqual([]);
    const [start, pause, resume] = whole.calls;
    const calls = [start, pause && { ...pause, stillToOpen: ['a', 'c', 'd'] }, resume].filter((one) => one !== undefined);
    expect(broken({ changes: late, calls })).toEqual(['opened-while-paused a']);
  });

  it('when one begins before its wave, or a wave is missing, or comes twice', () => {
    expect(broken({ changes: [...whole.changes.slice(0, 3), change('d', 53, 54)] })).toEqual(['opened-before-its-wave d']);
    expect(broken({ audit: audit(line('wave', 56, { wave: 2 })) })).toEqual(['wave-skipped 1,2,2']);
    expect(broken({ waves: 3 })).toEqual(['wave-skipped 1,2']);
  });

  it('when the audit log goes where the states do not', () => {
    expect(broken({ audit: audit(line('resume', 53)) })).toEqual(['off-graph rollout.resume of one that is running']);
    expect(broken({ audit: without('finish') })).toEqual(['off-graph ended as running']);
  });

  it('when an act is not in the audit log, or there twice, or there although it was refused', () => {
    expect(broken({ calls: [...whole.calls, call('pause', 84, 85)] })).toEqual(['unrecorded pause pause at 84']);
    const again = [line('resume', 51, { reason: 'resume at 50' }), line('pause', 51)];
    expect(broken({ audit: audit(...again) })).toContain('recorded-wrongly resume resume at 50');
    const refused = whole.calls.map((one) => (one.act === 'resume' ? { ...one, outcome: 'refused' as const } : one));
    expect(broken({ calls: refused })).toContain('recorded-wrongly resume resume at 50');
  });

  it('when the counts are not those of the devices', () => {
    expect(broken({ counts: { succeeded: 3, failed: 1 } })).toEqual(['miscounted succeeded', 'miscounted failed']);
  });
});

describe('the most at once', () => {
  const spans = fc.array(
    fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 20 })).map(([fromMs, length]) => ({ fromMs, untilMs: fromMs + length })),
  );

  it('is the most that any instant sees', () => {
    fc.assert(
      fc.property(spans, (all) => {
        const seen = Array.from({ length: 121 }, (_, atMs) => all.filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs).length);
        expect(mostAtOnce(all)).toBe(Math.max(...seen));
      }),
    );
  });

  it('counts one that never ends for ever', () => {
    expect(
      mostAtOnce([
        { fromMs: 1, untilMs: null },
        { fromMs: 9, untilMs: 10 },
      ]),
    ).toBe(2);
  });
});
