import type { Story } from '../stories/story.ts';
import { byFamily } from './story-result.ts';

/** For a story that was never recorded. */
const guessS = 60;

/**
 * Divides stories into lanes that take about the same time, by what they took last. A family stays together: it shares a guest.
 * Gives no empty lane.
 */
export function divide(stories: readonly Story[], count: number, secondsOf: (name: string) => number | undefined): Story[][] {
  const lengthOf = (some: readonly Story[]) => some.reduce((sum, { name }) => sum + (secondsOf(name) ?? guessS), 0);
  const lanes: Story[][] = Array.from({ length: count }, () => []);
  for (const family of [...byFamily(stories).values()].sort((left, right) => lengthOf(right) - lengthOf(left))) {
    const [shortest] = lanes.toSorted((left, right) => lengthOf(left) - lengthOf(right));
    shortest?.push(...family);
  }
  return lanes.filter(({ length }) => length > 0);
}
