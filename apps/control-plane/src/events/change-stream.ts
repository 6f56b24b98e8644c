import type { Clock } from '@towline/kit';
import type { StreamChange } from '@towline/protocol/http';
import type { Change, ChangeFeed } from '../platform/change-feed.ts';
import { type ChangeQueue, drainQueue, emptyQueue, enqueueChange, sseFrame } from './change-queue.ts';

/** What is needed of an HTTP response that stays open. */
export interface StreamSink {
  /** False when the reader is behind: wait for `drain`. */
  write(text: string): boolean;
  end(): void;
  onDrain(listen: () => void): void;
  onClose(listen: () => void): void;
}

export interface StreamScope {
  readonly tenant: string;
  /** Only this device, or all. */
  readonly device: string | undefined;
}

const heartbeatMs = 20_000;
const maxWaiting = 500;
/** A reader that took nothing for so long is cut off; it reconnects and reads anew. */
const maxStalledMs = 60_000;

const shown = ({ kind, id, device }: Change): StreamChange => ({ kind, id, device: device ?? null });

/** One reader's live changes, until it goes. A slow one is told how much it missed, and costs no more than its queue. */
export class ChangeStream {
  readonly #sink: StreamSink;
  readonly #clock: Clock;
  #queue: ChangeQueue = emptyQueue;
  #stalledSinceMs: number | null = null;
  #cancelHeartbeat = (): void => undefined;
  #ended = false;

  constructor(sink: StreamSink, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
  }

  /** @returns call it to end the stream from this side */
  open(feed: Pick<ChangeFeed, 'subscribe'>, { tenant, device }: StreamScope): () => void {
    const unsubscribe = feed.subscribe({
      onChange: (change) => {
        if (change.tenant === tenant && (device === undefined || change.device === device)) this.#offer(shown(change));
      },
      onGap: () => this.#send(sseFrame('gap', {})),
    });
    const end = () => {
      if (this.#ended) return;
      this.#ended = true;
      unsubscribe();
      this.#cancelHeartbeat();
      this.#sink.end();
    };
    this.#sink.onDrain(() => this.#flush());
    this.#sink.onClose(end);
    this.#send('retry: 3000\n\n');
    this.#beat(end);
    return end;
  }

  #beat(end: () => void): void {
    this.#cancelHeartbeat = this.#clock.schedule(heartbeatMs, () => {
      const stalledMs = this.#stalledSinceMs === null ? 0 : this.#clock.monotonicMs() - this.#stalledSinceMs;
      if (stalledMs >= maxStalledMs) return end();
      if (this.#stalledSinceMs === null) this.#send(': still here\n\n');
      this.#beat(end);
    });
  }

  #offer(change: StreamChange): void {
    if (this.#stalledSinceMs === null) this.#send(sseFrame(change.kind, change));
    else this.#queue = enqueueChange(this.#queue, change, maxWaiting);
  }

  #flush(): void {
    this.#stalledSinceMs = null;
    const waiting = drainQueue(this.#queue);
    this.#queue = emptyQueue;
    if (waiting !== '') this.#send(waiting);
  }

  #send(text: string): void {
    if (!this.#sink.write(text)) this.#stalledSinceMs ??= this.#clock.monotonicMs();
  }
}
