import * as z from 'zod';
import type { Story } from '../stories/story.ts';

/** How one story went. */
export const storyResultSchema = z.object({
  name: z.string(),
  outcome: z.enum(['passed', 'failed']),
  seconds: z.number(),
  /** Why it failed, in one line. */
  reason: z.string().optional(),
  /** What lies in it tells more. */
  directory: z.string().optional(),
});
export type StoryResult = z.infer<typeof storyResultSchema>;

export const seconds = (milliseconds: number): number => Math.round(milliseconds / 100) / 10;

/** Stories in the order in which they run: one family after the other, as each has its own guest. */
export function byFamily(stories: readonly Story[]): Map<string, Story[]> {
  const families = new Map<string, Story[]>();
  for (const story of stories) families.set(story.family, [...(families.get(story.family) ?? []), story]);
  return families;
}
