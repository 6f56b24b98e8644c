import { type StreamRow, streamKey, type WantedStream } from './batch-draft.ts';

/** A report stream is some 300 bytes here, and at most twice as many are kept. */
const streamsAGeneration = 50_000;

/**
 * How far streams are committed, as this process last knew. Only a guess: another edge may have moved them since, so what is decided on it
 * is written only where the database still agrees. Those not heard of for a generation are forgotten.
 */
export class StreamMemory {
  readonly #limit: number;
  #young = new Map<string, StreamRow>();
  #old = new Map<string, StreamRow>();

  constructor(limit = streamsAGeneration) {
    this.#limit = limit;
  }

  /** All of these streams, or null when one is not remembered. */
  recall(wanted: readonly WantedStream[]): Map<string, StreamRow> | null {
    const streams = new Map<string, StreamRow>();
    for (const { address, epoch } of wanted) {
      const key = streamKey(address, epoch);
      const stream = this.#young.get(key) ?? this.#old.get(key);
      if (!stream) return null;
      streams.set(key, stream);
    }
    return streams;
  }

  /** As they were committed. */
  remember(streams: ReadonlyMap<string, StreamRow>): void {
    for (const [key, stream] of streams) this.#young.set(key, stream);
    if (this.#young.size < this.#limit) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  forget(wanted: readonly WantedStream[]): void {
    for (const { address, epoch } of wanted) {
      const key = streamKey(address, epoch);
      this.#young.delete(key);
      this.#old.delete(key);
    }
  }
}
