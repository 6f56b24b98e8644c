import type { StreamChange } from '@towline/protocol/http';

/** What waits for one reader of the stream. Newer changes of the same thing replace older ones; what does not fit is counted. */
export interface ChangeQueue {
  readonly waiting: ReadonlyMap<string, StreamChange>;
  readonly dropped: number;
}

export const emptyQueue: ChangeQueue = { waiting: new Map(), dropped: 0 };

const keyOf = ({ kind, id }: StreamChange): string => `${kind}/${id}`;

/** A change only says that something is to be read anew, so one waiting already says the same. */
export function enqueueChange(queue: ChangeQueue, change: StreamChange, limit: number): ChangeQueue {
  const key = keyOf(change);
  if (queue.waiting.has(key)) return queue;
  if (queue.waiting.size >= limit) return { ...queue, dropped: queue.dropped + 1 };
  return { ...queue, waiting: new Map([...queue.waiting, [key, change]]) };
}

/** Server-sent events for all that waits, the count of what was dropped at the end. */
export function drainQueue(queue: ChangeQueue): string {
  const changes = [...queue.waiting.values()].map((change) => sseFrame(change.kind, change));
  return changes.join('') + (queue.dropped > 0 ? sseFrame('dropped', { count: queue.dropped }) : '');
}

export function sseFrame(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
