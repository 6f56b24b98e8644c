import { describe, expect, it } from 'vitest';
import { stories, storyNamed } from '../stories/story.ts';
import { campaignFaults, fits } from '../trial/fault-classes.ts';
import { runTrial } from '../trial/trial.ts';
import { campaignOf, essentialSingles, everySingle, type Reference, sampleOf } from './enumerate.ts';
import { outageWave, untrueToTheWave } from './outage.ts';
import { shrink } from './shrink.ts';
import { summaryOf, type TrialSummary } from './summary.ts';
import { commandOf, injectionsOf, planOf } from './trial-name.ts';

const points = ['at AT+CSQ #1', 'disk create target.json.tmp #1', 'at AT+CSQ #2', 'disk create target.json.tmp #2'];
const references: readonly Reference[] = stories.slice(0, 2).map((story) => ({ story, seed: 1, points }));
const [first] = references;

describe('the trials of a campaign', () => {
  it('are every fault that fits at every point of every story', () => {
    const here = campaignFaults.filter((fault) => first && fits(fault, first.story));
    expect(first && everySingle(first)).toHaveLength(points.length * here.length);
  });

  it('try a kind of call once, and every write of the disk by number', () => {
    const tried = (fault: string) => essentialSingles(references).flatMap(({ faults: [one] }) => (one?.fault === fault ? [one.at] : []));
    expect(tried('coverage-lost')).toEqual(['at AT+CSQ #1', 'disk create target.json.tmp #1']);
    expect(tried('power-cut')).toEqual(['at AT+CSQ #1', 'disk create target.json.tmp #1', 'disk create target.json.tmp #2']);
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
    const faults = injectionsOf(['power-cut', 'reboot'], ['3', 'at AT+CGDCONT=1,"IP","fleet.north" #1']);
    expect(faults.map(({ at }) => at)).toEqual([3, 'at AT+CGDCONT=1,"IP","fleet.north" #1']);
    expect(commandOf({ story: 'apn', seed: 9, faults })).toBe(
      `npm run faults -- --story apn --seed 9 --class power-cut --point 3 --class reboot --point 'at AT+CGDCONT=1,"IP","fleet.north" #1'`,
    );
    expect(() => injectionsOf(['power-cut'], [])).toThrow(/--point/);
    expect(() => injectionsOf(['rain'], ['1'])).toThrow(/no fault/);
  });
});

describe('a wave in the middle of which the control plane is away for an hour', () => {
  it('has gateways before, in and after their change, and none of them gives it up', async () => {
    const apn = storyNamed('apn');
    if (!apn) throw new Error('no story apn');
    const { points: real } = await runTrial({ story: apn, seed: 1, faults: [] });
    const wave = outageWave([{ story: apn, seed: 1, points: real }], 8);
    expect(new Set(wave.map(({ faults }) => faults[0]?.at)).size).toBe(8);
    const summaries: TrialSummary[] = [];
    for (const name of wave) summaries.push(summaryOf(await runTrial(planOf(name))));
    expect(untrueToTheWave(summaries)).toEqual([]);
  });

  it('counts who gave up as untrue to it, though all is well with it, and who never had the outage', () => {
    const summary = { isWell: true, on: 'new', reverts: 0, injected: [{ fault: 'outage', point: 'probe #1' }] } as const;
    const rest = { name: { story: 'apn', seed: 1, faults: [] }, record: 'applied', outOfReachMs: 1, hash: '' } as const;
    const wave: TrialSummary[] = [
      { ...rest, ...summary },
      { ...rest, ...summary, reverts: 1 },
      { ...rest, ...summary, on: 'before' },
      { ...rest, ...summary, injected: [] },
    ];
    expect(untrueToTheWave(wave)).toEqual(wave.slice(1));
  });
});

describe('what goes wrong', () => {
  it('is shrunk to the fewest faults with which it still does', async () => {
    const faults = injectionsOf(['reboot', 'power-cut', 'sim-swapped', 'disk-full'], ['1', '2', '3', '4']);
    const goesWrong = async (left: typeof faults) => left.some(({ at }) => at === 2) && left.some(({ at }) => at === 4);
    expect((await shrink(faults, goesWrong)).map(({ fault }) => fault)).toEqual(['power-cut', 'disk-full']);
  });
});
