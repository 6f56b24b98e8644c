import { enumerateStories } from './enumerate.ts';
import type { Story } from './story.ts';

/** Every story, those of one family together, what others build on first. */
export const stories: readonly Story[] = [...enumerateStories];
