import { describe, expect, it } from 'vitest';
import { percentile } from './percentile.ts';

describe('a percentile', () => {
  it.each([
    [[], 95, null],
    [[3], 95, 3],
    [[4, 1, 3, 2], 50, 2],
    [Array.from({ length: 100 }, (_none, index) => index + 1), 95, 95],
  ])('of %j at %i is %s', (values, percent, expected) => {
    expect(percentile(values, percent)).toBe(expected);
  });
});
