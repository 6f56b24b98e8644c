import { describe, expect, it } from 'vitest';
import { planOf } from '../campaign/trial-name.ts';
import { type Story, storyNamed } from '../stories/story.ts';
import { campaignFaults, type FaultName, fits } from './fault-classes.ts';
import { regressions } from './regressions.ts';
import { runTrial, type TrialResult } from './trial.ts';

const seed = 1;

function story(name: string): Story {
  const found = storyNamed(name);
  if (!found) throw new Error(name);
  return found;
}

const told = ({ plan, finding, injected, isWell }: TrialResult) =>
  `${plan.story.name}: ${injected.map(({ fault, point }) => `${fault} at ${point}`).join(', ')}: ${JSON.stringify(finding)} ${isWell}`;

/** Trials that went wrong, in words. */
async function strandedOf(of: Story, faults: readonly (readonly [FaultName, number])[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [fault, at] of faults) {
    const result = await runTrial({ story: of, seed, faults: [{ fault, at }] });
    if (!result.isWell || result.injected.length !== 1) wrong.push(told(result));
  }
  return wrong;
}

async function pointsOf(of: Story): Promise<readonly string[]> {
  return (await runTrial({ story: of, seed, faults: [] })).points;
}

describe('a change that nothing befalls', () => {
  it.each([
    ['apn', 'new', 'applied'],
    ['apn-over-qmi', 'new', 'applied'],
    ['qmi-to-mbim', 'new', 'applied'],
    ['ecm-to-rndis-to-ecm', 'new', 'applied'],
    ['apn-refused', 'before', 'given-up'],
    ['apn-refused-over-qmi', 'before', 'given-up'],
    ['apn-substituted', 'before', 'given-up'],
    ['apn-without-way', 'before', 'given-up'],
    ['apn-walled-off', 'before', 'given-up'],
    ['apn-walled-off-with-lifeline', 'before', 'given-up'],
    ['radio-access', 'new', 'applied'],
    ['radio-access-without-cell', 'before', 'given-up'],
    ['bands', 'new', 'applied'],
    ['bands-without-cell', 'before', 'given-up'],
    ['sim-slot', 'new', 'applied'],
    ['sim-slot-empty', 'before', 'given-up'],
  ])('%s ends on the %s configuration, and the record says %s', async (name, on, record) => {
    const { isWell, finding } = await runTrial({ story: story(name), seed, faults: [] });
    expect({ isWell, ...finding }).toMatchObject({ isWell: true, on, record });
  });

  it('that the network rejects is back within a minute', async () => {
    for (const name of ['apn-refused', 'apn-refused-over-qmi']) {
      const { outOfReachMs } = await runTrial({ story: story(name), seed, faults: [] });
      expect(outOfReachMs).toBeLessThan(60_000);
    }
  });

  it('has the same trace each time that it has the same seed, and another with another', async () => {
    const plan = { story: story('qmi-to-mbim'), seed: 7, faults: [{ fault: 'messages-astray', at: 30 }] } as const;
    const [first, second, other] = [await runTrial(plan), await runTrial(plan), await runTrial({ ...plan, seed: 8 })];
    expect(second.hash).toBe(first.hash);
    expect(other.hash).not.toBe(first.hash);
  });
});

describe('every fault', () => {
  it.each(['apn', 'qmi-to-mbim'])('in the middle of %s leaves the gateway reachable', async (name) => {
    const points = await pointsOf(story(name));
    const half = Math.floor(points.length / 2);
    const faults = campaignFaults.filter((fault) => fits(fault, story(name))).map((fault, index) => [fault, half + index] as const);
    expect(await strandedOf(story(name), faults)).toEqual([]);
  });
});

describe('every write of the journal', () => {
  it.each(['agent-killed', 'power-cut', 'reboot', 'disk-full', 'disk-error'] as const)('survives %s', async (fault) => {
    for (const name of ['apn', 'apn-refused']) {
      const points = await pointsOf(story(name));
      const writes = points.flatMap((point, at) => (/^disk (create|overwrite|rename) journal/.test(point) ? [at] : []));
      expect(writes.length).toBeGreaterThan(2);
      // Before it, and between its write and its sync.
      const faults = writes.flatMap((at) => [at, at + 1]).map((at) => [fault, at] as const);
      expect(await strandedOf(story(name), faults)).toEqual([]);
    }
  });
});

/** Longer than the agent as it is takes for any of it, and shorter than until the next beat of a state, which would mend the record. */
const patienceMs = 2 * 3_600_000;

describe('what stranded a gateway once', () => {
  it.each(regressions)('does no more: $why', async (regression) => {
    const { isWell, injected } = await runTrial({ ...planOf(regression), patienceMs });
    // What is not injected any more tells nothing.
    expect({ isWell, injected: injected.map(({ fault }) => fault) }).toEqual({
      isWell: true,
      injected: regression.faults.map(({ fault }) => fault),
    });
  });
});
