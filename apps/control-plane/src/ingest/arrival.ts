import type { ReadMessage } from './read-message.ts';

/** What the broker hands in; `taken` as in `UpReceiver.accept`. */
export interface OfferedMessage {
  readonly message: ReadMessage;
  readonly bytes: number;
  readonly taken: () => void;
}

/** One message on its way through ingest. */
export class Arrival {
  readonly message: ReadMessage;
  readonly bytes: number;
  /** When it came, monotonic milliseconds. */
  readonly sinceMs: number;
  readonly #taken: () => void;
  #released = false;

  constructor({ message, bytes, taken }: OfferedMessage, sinceMs: number) {
    this.message = message;
    this.bytes = bytes;
    this.sinceMs = sinceMs;
    this.#taken = taken;
  }

  get released(): boolean {
    return this.#released;
  }

  /** Another message that stands for this one. */
  replacedBy(message: ReadMessage): Arrival {
    return new Arrival({ message, bytes: this.bytes, taken: () => this.release() }, this.sinceMs);
  }

  /** Tells the broker to acknowledge it and to read on; once. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#taken();
  }
}
