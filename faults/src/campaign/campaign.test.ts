import { describe, expect, it } from 'vitest';
import { stories } from '../stories/story.ts';
import { faultNames, fits } from '../trial/fault-classes.ts';
import { campaignOf, essentialSingles, everySingle, type Reference, sampleOf } from './enumerate.ts';
import { shrink } from './shrink.ts';
import { commandOf, injectionsOf } from './trial-name.ts';

const points = ['at AT+CSQ #1', 'disk create target.json.tmp #1', 'at AT+CSQ #2', 'disk create target.json.tmp #2'];
const references: readonly Reference[] = stories.slice(0, 2).map((story) => ({ story, seed: 1, points }));
const [first] = references;

describe('the trials of a campaign', () => {
  it('are every fault that fits at every point of every story', () => {
    const here = faultNames.filter((fault) => first && fits(fault, first.story));
    expect(first && everySingle(first)).toHaveLength(points.length * here.length);
  });

  it('try a kind of call once, and every write of the disk by number', () => {
    const tried = (at: number, fault: string) =>
      essentialSingles(references).filter(({ faults }) => faults[0]?.at === at && faults[0].fault === fault).length;
    expect([tried(0, 'agent-killed'), tried(2, 'agent-killed')]).toEqual([1, 0]);
    expect([tried(1, 'power-cut'), tried(3, 'power-cut')]).toEqual([1, 1]);
  });

  it('are as many as it takes for so many faults, the same for one seed, and a sample has something of all', () => {
    const faultsOf = (seed: number) => campaignOf(references, { seed, count: 500 });
    const trials = faultsOf(3);
    expect(trials.reduce((sum, { faults }) => sum + faults.length, 0)).toBeGreaterThanOrEqual(500);
    expect(faultsOf(3)).toEqual(trials);
    expect(faultsOf(4)).not.toEqual(trials);
    const sample = sampleOf(trials, 20);
    expect(sample.length).toBeGreaterThanOrEqual(20);
    expect(new Set(sample.map(({ story }) => story)).size).toBe(2);
  });

  it('are repeated by the command that tells them', () => {
    const faults = injectionsOf(['power-cut', 'reboot'], ['3', '17']);
    expect(commandOf({ story: 'apn', seed: 9, faults })).toBe(
      'npm run faults -- --story apn --seed 9 --class power-cut --point 3 --class reboot --point 17',
    );
    expect(() => injectionsOf(['power-cut'], [])).toThrow(/--point/);
    expect(() => injectionsOf(['rain'], ['1'])).toThrow(/no fault/);
  });
});

describe('what goes wrong', () => {
  it('is shrunk to the fewest faults with which it still does', async () => {
    const faults = injectionsOf(['reboot', 'power-cut', 'sim-swapped', 'disk-full'], ['1', '2', '3', '4']);
    const goesWrong = async (left: typeof faults) => left.some(({ at }) => at === 2) && left.some(({ at }) => at === 4);
    expect((await shrink(faults, goesWrong)).map(({ fault }) => fault)).toEqual(['power-cut', 'disk-full']);
  });
});
