import { describe, expect, it } from 'vitest';
import { stories } from '../stories/index.ts';
import type { Story } from '../stories/story.ts';
import { chooseStories } from './choose-stories.ts';

const story = (name: string, family: Story['family']): Story => ({
  name,
  sentence: '',
  family,
  proves: [],
  boundMs: 1,
  run: () => Promise.resolve(),
});
const three = [story('enumerate-bg96-qmi', 'bg96'), story('online-bg96-ppp', 'bg96'), story('online-ec25-qmi', 'ec25')];

describe('the names of stories', () => {
  it.each([
    ['all', ['all'], 3],
    ['one by its name', ['online-bg96-ppp'], 1],
    ['those of a family', ['bg96'], 2],
    ['those that begin so', ['online-*'], 2],
    ['each once, however often it is meant', ['online-*', 'bg96'], 3],
  ])('mean %s', (_what, names, count) => {
    expect(chooseStories(three, names)).toHaveLength(count);
  });

  it('mean nothing when one of them is unknown', () => {
    expect(chooseStories(three, ['all', 'online-ec20'])).toBeNull();
  });

  it('are different for every story', () => {
    expect(new Set(stories.map(({ name }) => name)).size).toBe(stories.length);
  });
});
