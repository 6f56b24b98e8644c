import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stories } from '../stories/index.ts';
import { divide } from './lanes.ts';

describe('lanes', () => {
  it('hold every story once, and a family in one of them', () => {
    fc.assert(
      fc.property(fc.subarray([...stories]), fc.integer({ min: 1, max: 4 }), (some, count) => {
        const lanes = divide(some, count, () => undefined);
        expect(
          lanes
            .flat()
            .map(({ name }) => name)
            .sort(),
        ).toEqual(some.map(({ name }) => name).sort());
        const families = lanes.flatMap((lane) => [...new Set(lane.map(({ family }) => family))]);
        expect(new Set(families).size).toBe(families.length);
      }),
    );
  });

  it('put the longest family by itself', () => {
    const long = (name: string) => (name.includes('ec25') ? 500 : 10);
    const [first = [], second = []] = divide(stories, 2, long);
    expect(new Set(first.map(({ family }) => family))).toEqual(new Set(['ec25']));
    expect(second.length).toBeGreaterThan(0);
  });
});
