import type { Story } from '../stories/story.ts';

/** Stories that names mean: a story's own, a family's, `all`, `ci`, or with `*` at the end whatever begins so. Null when a name means none. */
export function chooseStories(stories: readonly Story[], names: readonly string[]): readonly Story[] | null {
  const isMeant = (story: Story, name: string) =>
    name === 'all' ||
    (name === 'ci' && story.inCi) ||
    name === story.name ||
    name === story.family ||
    (name.endsWith('*') && story.name.startsWith(name.slice(0, -1)));
  const meansNone = names.some((name) => !stories.some((story) => isMeant(story, name)));
  return meansNone ? null : stories.filter((story) => names.some((name) => isMeant(story, name)));
}
