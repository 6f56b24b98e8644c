import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawFaults } from './draw-faults.ts';
import { labFaultNames } from './lab-fault-classes.ts';

describe('the faults of a trial', () => {
  it('are two to four, in the order of their points, the first of them before the change is over', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(100_000), fc.integer({ min: 4, max: 200 }), (seed, trial, points) => {
        const faults = drawFaults({ seed, trial }, points);
        const at = faults.map((fault) => fault.at);
        expect(faults.length).toBeGreaterThanOrEqual(2);
        expect(faults.length).toBeLessThanOrEqual(4);
        expect(at).toEqual([...new Set(at)].toSorted((left, right) => left - right));
        expect(at[0]).toBeLessThan(points);
      }),
    );
  });

  it('are the same for the same seed and trial', () => {
    expect(drawFaults({ seed: 7, trial: 3 }, 30)).toEqual(drawFaults({ seed: 7, trial: 3 }, 30));
  });

  it('have every class as the first, in turn', () => {
    const first = labFaultNames.map((_name, trial) => drawFaults({ seed: 5, trial }, 30)[0]?.fault);
    expect(new Set(first)).toEqual(new Set(labFaultNames));
  });
});
