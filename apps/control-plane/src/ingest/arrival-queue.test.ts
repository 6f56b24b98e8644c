import { beforeEach, expect, test } from 'vitest';
import { ArrivalQueue } from './arrival-queue.ts';
import type { ReadMessage } from './read-message.ts';

const bounds = { messages: 4, bytes: 1000, perDevice: 2, held: 2, holdMs: 60_000 };

let queue: ArrivalQueue;
let taken: string[];
beforeEach(() => {
  queue = new ArrivalQueue(bounds);
  taken = [];
});

const bad = {
  kind: 'bad',
  channel: 'state',
  payload: Buffer.alloc(0),
  code: 'payload.not-json',
  reason: '',
  keep: true,
  envelope: null,
} as const;
const messageOf = (device: string): ReadMessage => ({ ...bad, address: { tenant: 'main', device }, receivedAt: 0 });
const arrived = { address: { tenant: 'main', device: 'e' }, receivedAt: 0 };
const goodbye: ReadMessage = { ...arrived, kind: 'presence', presence: { connection: 1, online: false } };
const held: ReadMessage = { ...arrived, kind: 'held', held: { version: { epoch: 1, number: 2 }, digest: 'd' } };
function offer(name: string, { device = name, nowMs = 0, bytes = 10 } = {}): void {
  queue.offer({ message: messageOf(device), bytes, taken: () => taken.push(name) }, nowMs);
}

test('a message that found room lets the broker read on at once: PUBACK only paces', () => {
  offer('a');
  expect(taken).toEqual(['a']);
  expect(queue.take(10)).toHaveLength(1);
});

test('beyond the bounds in number or bytes a message waits outside, and comes in when there is room', () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) offer(name);
  expect([queue.size, queue.heldCount]).toEqual([4, 1]);
  queue.take(4);
  expect([queue.size, queue.heldCount]).toEqual([1, 0]);
  offer('large', { bytes: 995 });
  expect(queue.heldCount).toBe(1);
});

test('one device does not take the room of the others', () => {
  for (const name of ['1', '2', '3']) offer(name, { device: 'chatty' });
  offer('other');
  expect([queue.size, queue.heldCount]).toEqual([3, 1]);
});

test('what waits outside for too long, or finds no room outside either, is let go and counted', () => {
  for (const name of ['1', '2', '3', '4', '5']) offer(name, { device: 'chatty' });
  expect(taken).toEqual(['1', '2', '5']);
  queue.expire(60_000);
  expect(taken).toEqual(['1', '2', '5', '3', '4']);
  expect([queue.size, queue.heldCount, queue.shedCount]).toEqual([2, 0, 3]);
});

test.each([
  ['a goodbye', goodbye],
  ['that a target is held', held],
])('%s always finds room: nobody would say it again', (_what, message) => {
  for (const name of ['a', 'b', 'c', 'd']) offer(name);
  queue.offer({ message, bytes: 10, taken: () => taken.push('e') }, 0);
  expect(queue.size).toBe(5);
});

test('a device that says such a thing without end fills no memory', () => {
  for (const name of ['1', '2', '3', '4', '5']) queue.offer({ message: goodbye, bytes: 10, taken: () => taken.push(name) }, 0);
  expect([queue.size, queue.heldCount]).toEqual([4, 1]);
  expect(taken).toEqual(['1', '2', '3', '4']);
});

test('who waits for an arrival is woken by it', async () => {
  const arrival = queue.arrival();
  offer('a');
  await arrival;
  await queue.arrival();
  expect(queue.size).toBe(1);
});
