import { describe, expect, it } from 'vitest';
import type { TrialSummary } from '../campaign/summary.ts';
import { boundMs, deadlineMs } from '../stories/bound.ts';
import { type Story, storyNamed } from '../stories/story.ts';
import type { FaultName } from '../trial/fault-classes.ts';
import { beyondBound, neverInjected, tallyOf } from './tally.ts';

function story(name: string): Story {
  const found = storyNamed(name);
  if (!found) throw new Error(name);
  return found;
}

const backAfter = (name: string, outOfReachMs: number, count: number): TrialSummary[] =>
  Array.from({ length: count }, () => ({
    name: { story: name, seed: 1, faults: [] },
    isWell: true,
    on: 'before',
    record: 'given-up',
    injected: [],
    reverts: 0,
    outOfReachMs,
    hash: '',
  }));

describe('a story', () => {
  const dead = story('apn-without-way');

  it('is beyond its bound when more than one change of twenty took longer to come back', () => {
    const inTime = backAfter(dead.name, boundMs(dead), 19);
    const late = backAfter(dead.name, boundMs(dead) + 100, 1);
    expect(beyondBound([dead], [...inTime, ...late])).toEqual([]);
    expect(beyondBound([dead], [...inTime, ...late, ...late])).toEqual([dead]);
  });

  it('has its deadline and three minutes, and the hold where others answer over the new bearer', () => {
    expect(boundMs(dead) - deadlineMs(dead)).toBe(3 * 60_000);
    const walled = story('apn-walled-off');
    expect(boundMs(walled) - deadlineMs(walled)).toBe((15 * 1.25 + 3) * 60_000);
  });

  it('in which nothing failed is beyond no bound', () => {
    expect(beyondBound([dead], [])).toEqual([]);
  });
});

describe('what was really injected', () => {
  const trial = (...injected: readonly FaultName[]): TrialSummary => ({
    name: { story: 'apn', seed: 1, faults: [{ at: 3, fault: 'reboot' }] },
    isWell: true,
    on: 'new',
    record: 'applied',
    injected: injected.map((fault) => ({ fault, point: 'probe #1' })),
    reverts: 0,
    outOfReachMs: null,
    hash: '',
  });

  it('tells the faults that no trial had, whatever was planned', () => {
    expect(neverInjected(['reboot', 'power-cut', 'sim-barred'], [trial(), trial('power-cut')])).toEqual(['reboot', 'sim-barred']);
  });

  it('tells how many trials had less than was planned', () => {
    expect(tallyOf([trial(), trial('reboot'), trial()])).toMatchObject({ faults: 1, curtailed: 2 });
  });
});
