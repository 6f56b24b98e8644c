import { describe, expect, it } from 'vitest';
import { type FaultName, leavesAWay } from './fault-classes.ts';

describe('faults in a row', () => {
  it.each<readonly [faults: readonly FaultName[], leaves: boolean]>([
    [['known-good-shut', 'power-cut', 'sim-swapped', 'sim-swapped'], true],
    [['sim-swapped', 'sim-barred'], true],
    [['new-apn-shut', 'known-good-shut'], false],
    [['sim-swapped', 'sim-barred', 'power-cut', 'sim-swapped'], false],
  ])('%j leave the gateway a way: %s', (faults, leaves) => {
    expect(leavesAWay(faults)).toBe(leaves);
  });
});
