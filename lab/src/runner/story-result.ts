import type { Story } from '../stories/story.ts';

/** How one story went. */
export interface StoryResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed';
  readonly seconds: number;
  /** Why it failed, in one line. */
  readonly reason?: string;
  /** What lies in it tells more. */
  readonly directory?: string;
}

export const seconds = (milliseconds: number): number => Math.round(milliseconds / 100) / 10;

/** Stories in the order in which they run: one family after the other, as each has its own guest. */
export function byFamily(stories: readonly Story[]): Map<string, Story[]> {
  const families = new Map<string, Story[]>();
  for (const story of stories) families.set(story.family, [...(families.get(story.family) ?? []), story]);
  return families;
}
