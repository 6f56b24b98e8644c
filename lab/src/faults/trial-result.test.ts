import { describe, expect, it } from 'vitest';
import { type LabFaultName, labFaultNames } from './lab-fault-classes.ts';
import { faultModems } from './setting.ts';
import { type LabTrialResult, neverInjected } from './trial-result.ts';

const trial = (fault: LabFaultName, index: number): LabTrialResult => ({
  kind: 'trial',
  seed: 1,
  trial: index,
  modem: 'ec25',
  change: 'apn',
  fromMode: 'qmi',
  fileSystem: 'ext4',
  injected: fault === 'sim-swapped' ? [] : [{ fault, point: 'modem.step dial' }],
  outcome: 'changed',
  backS: 1,
  tookS: 2,
});

describe('a run in the lab', () => {
  const everyTurn = faultModems.flatMap(() => labFaultNames).map(trial);

  it('names the faults that no trial had once each has had its turn', () => {
    expect(neverInjected(everyTurn)).toEqual(['sim-swapped']);
  });

  it('that was shorter owes none of them', () => {
    expect(neverInjected(everyTurn.slice(1))).toEqual([]);
  });
});
