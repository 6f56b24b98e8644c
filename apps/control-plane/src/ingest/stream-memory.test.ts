import { expect, test } from 'vitest';
import { type StreamRow, streamKey } from './batch-draft.ts';
import { StreamMemory } from './stream-memory.ts';

const stream = (device: string, through = 1): StreamRow => {
  return { address: { tenant: 'main', device }, epoch: 'aaaaaaaa', through, ahead: [], createdAt: 0 };
};
const byKey = (...streams: StreamRow[]) => new Map(streams.map((row) => [streamKey(row.address, row.epoch), row]));

test('streams are remembered as they were last committed, all or none of those asked for', () => {
  const memory = new StreamMemory();
  memory.remember(byKey(stream('a'), stream('b')));
  memory.remember(byKey(stream('a', 5)));
  expect(memory.recall([stream('a'), stream('b')])).toEqual(byKey(stream('a', 5), stream('b')));
  expect(memory.recall([stream('a'), stream('c')])).toBeNull();
});

test('what is forgotten is forgotten in both generations', () => {
  const memory = new StreamMemory(1);
  memory.remember(byKey(stream('a')));
  memory.remember(byKey(stream('a', 2)));
  memory.forget([stream('a')]);
  expect(memory.recall([stream('a')])).toBeNull();
});

test('those not heard of for long make room, those that go on reporting stay', () => {
  const memory = new StreamMemory(10);
  for (let index = 0; index < 100; index += 1) memory.remember(byKey(stream('chatty', index), stream(`d${index}`)));
  expect(memory.recall([stream('chatty')])).toEqual(byKey(stream('chatty', 99)));
  expect(memory.recall([stream('d99')])).not.toBeNull();
  expect(memory.recall([stream('d50')])).toBeNull();
});
