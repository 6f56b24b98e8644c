import { expect, test } from 'vitest';
import { ReadingWindow } from './reading-window.ts';

test('the reader runs ahead by the size of the window, and no further until something is done with', () => {
  const window = new ReadingWindow(3);
  let read = 0;
  const enter = () => window.enter(() => (read += 1));
  const leaves = [enter(), enter(), enter()];
  expect(read).toBe(2);
  leaves[0]?.();
  expect(read).toBe(3);
  leaves[1]?.();
  leaves[2]?.();
  enter();
  expect(read).toBe(4);
});
