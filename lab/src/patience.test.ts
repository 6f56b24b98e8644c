import { describe, expect, it } from 'vitest';
import { slowness } from './patience.ts';

describe('patience', () => {
  it.each([
    ['an idle machine gets no more time than a story says', 0.1, 2, 1],
    ['two guests on two processors neither', 2, 2, 1],
    ['a busy one gets as much more as it is slower', 5, 2, 2.5],
    ['none gets more than four times as much', 60, 2, 4],
    ['one whose processors are unknown is taken for a small one', 2, 0, 2],
  ])('%s', (_what, load, processors, factor) => {
    expect(slowness(load, processors)).toBe(factor);
  });
});
