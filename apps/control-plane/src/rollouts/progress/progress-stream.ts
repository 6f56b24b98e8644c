import type { Cancel, Clock } from '@towline/kit';
import type { StreamSink } from '../../events/change-stream.ts';
import type { ProgressFrame } from './progress-frame.ts';
import type { ProgressHub } from './progress-hub.ts';

const heartbeatMs = 20_000;
/** A reader that took nothing for so long is cut off; it comes back and says what it knows. */
const maxStalledMs = 60_000;

/** One reader of a rollout's progress. A slow one gets the newest and nothing in between. */
export class ProgressStream {
  readonly #sink: StreamSink;
  readonly #clock: Clock;
  #knownId: string | null;
  #waiting: ProgressFrame | null = null;
  #stalledSinceMs: number | null = null;
  #cancelBeat: Cancel = () => undefined;
  #unwatch: Cancel = () => undefined;
  #ended = false;

  /** @param knownId what the reader says that it knows (`Last-Event-ID`) */
  constructor(sink: StreamSink, clock: Clock, knownId: string | null) {
    this.#sink = sink;
    this.#clock = clock;
    this.#knownId = knownId;
  }

  /** @returns call it to end the stream from this side */
  open(hub: ProgressHub): () => void {
    const end = () => this.#end();
    this.#sink.onDrain(() => this.#drained());
    this.#sink.onClose(end);
    this.#write('retry: 3000\n\n');
    this.#beat();
    this.#unwatch = hub.watch((frame) => this.#offer(frame));
    // What was known may already have ended it.
    if (this.#ended) this.#unwatch();
    return end;
  }

  #offer(frame: ProgressFrame): void {
    if (this.#ended) return;
    if (this.#stalledSinceMs !== null) {
      this.#waiting = frame;
      return;
    }
    if (frame.id !== this.#knownId) this.#write(frame.text);
    this.#knownId = frame.id;
    if (frame.last) this.#end();
  }

  #drained(): void {
    this.#stalledSinceMs = null;
    const frame = this.#waiting;
    this.#waiting = null;
    if (frame) this.#offer(frame);
  }

  #beat(): void {
    this.#cancelBeat = this.#clock.schedule(heartbeatMs, () => {
      const stalledMs = this.#stalledSinceMs === null ? 0 : this.#clock.monotonicMs() - this.#stalledSinceMs;
      if (stalledMs >= maxStalledMs) return this.#end();
      if (this.#stalledSinceMs === null) this.#write(': still here\n\n');
      this.#beat();
    });
  }

  #write(text: string): void {
    if (!this.#sink.write(text)) this.#stalledSinceMs ??= this.#clock.monotonicMs();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unwatch();
    this.#cancelBeat();
    this.#sink.end();
  }
}
