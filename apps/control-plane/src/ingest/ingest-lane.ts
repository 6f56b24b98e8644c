import { type BackoffPolicy, backoffDelayMs, type Clock, faultCode, faultText, type Random, sleep } from '@towline/kit';
import { inTransaction, type SqlPool } from '../platform/database.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import type { Arrival } from './arrival.ts';
import type { ArrivalQueue } from './arrival-queue.ts';
import { firstBatchSize, nextBatchSize } from './batch-size.ts';
import { classifyDatabaseError } from './classify-database-error.ts';
import { type BatchOutcome, type CommitOptions, commitBatch } from './commit-batch.ts';
import type { BadMessage, ReadMessage } from './read-message.ts';

export interface CommittedBatch {
  readonly outcome: BatchOutcome;
  readonly messages: number;
  readonly commitMs: number;
}

export interface LaneOptions {
  readonly queue: ArrivalQueue;
  readonly pool: SqlPool;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControlPlaneLog;
  readonly commit: CommitOptions;
  readonly onCommitted: (batch: CommittedBatch) => void;
  /** Told of each failed try, and of the first that went well again. */
  readonly onDatabase: (available: boolean) => void;
}

const retry: BackoffPolicy = { baseMs: 100, factor: 2, maxMs: 5000, jitter: 0.5 };
/** A short wait for company: a batch of one costs as much as one of fifty. */
const gatherMs = 4;

/** Takes batches from one queue, one transaction at a time. Two lanes never hold reports of one device. */
export class IngestLane {
  readonly #options: LaneOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Commits what is queued, as long as the database answers; what it doesn't take its devices still hold. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#options.queue.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { queue, clock } = this.#options;
    let size = firstBatchSize;
    while (!this.#stop.signal.aborted || queue.size > 0) {
      await queue.arrival();
      if (queue.size < size.limit) await sleep(clock, gatherMs, this.#stop.signal);
      const arrivals = queue.take(size.limit);
      if (arrivals.length === 0) continue;
      const began = clock.monotonicMs();
      const done = await this.#commit(arrivals);
      if (!done) return;
      size = nextBatchSize(size, { took: arrivals.length, commitMs: clock.monotonicMs() - began, waiting: queue.size });
    }
  }

  /** Until it is committed, in parts where Postgres refuses a part. @returns false when stopped before */
  async #commit(arrivals: readonly Arrival[]): Promise<boolean> {
    const { clock, random, onDatabase } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      const failure = await this.#try(arrivals);
      if (failure === null) return true;
      if (classifyDatabaseError(failure) === 'refused') return this.#commitInParts(arrivals, failure);
      this.#tellFailure(failure, arrivals.length, attempt);
      onDatabase(false);
      if (this.#stop.signal.aborted) return false;
      await sleep(clock, backoffDelayMs(retry, attempt, random), this.#stop.signal);
    }
  }

  async #try(arrivals: readonly Arrival[]): Promise<unknown> {
    const { pool, clock, commit, onCommitted, onDatabase } = this.#options;
    const began = clock.monotonicMs();
    const messages = arrivals.map(({ message }) => message);
    try {
      const outcome = await inTransaction(pool, (client) => commitBatch(client, messages, commit));
      onDatabase(true);
      // First the broker's acknowledgements, then ours: where both go to one socket in one turn they share a segment.
      for (const arrival of arrivals) arrival.release();
      onCommitted({ outcome, messages: messages.length, commitMs: clock.monotonicMs() - began });
      return null;
    } catch (error) {
      return error ?? new TypeError('nothing was thrown');
    }
  }

  /** Halves until the message that Postgres refuses stands alone; it is set aside, all others are committed. */
  async #commitInParts(arrivals: readonly Arrival[], failure: unknown): Promise<boolean> {
    const [only] = arrivals;
    if (arrivals.length > 1) {
      const middle = Math.ceil(arrivals.length / 2);
      return (await this.#commit(arrivals.slice(0, middle))) && this.#commit(arrivals.slice(middle));
    }
    if (!only || only.message.kind === 'bad') {
      this.#options.log.error('ingest.batch-failed', { code: faultCode(failure), messages: arrivals.length, dropped: true });
      only?.release();
      return true;
    }
    return this.#commit([only.replacedBy(setAside(only.message, failure))]);
  }

  #tellFailure(failure: unknown, messages: number, attempt: number): void {
    // The first, then ever more rarely: a database that is away for an hour is no news each second.
    if ((attempt & (attempt + 1)) !== 0) return;
    this.#options.log.warn('ingest.batch-failed', { code: faultCode(failure), reason: faultText(failure), messages, attempt });
  }
}

function setAside(message: Exclude<ReadMessage, BadMessage>, failure: unknown): BadMessage {
  const { address, receivedAt, kind } = message;
  const said = kind === 'hello' ? message.hello : kind === 'presence' ? message.presence : message.report;
  return {
    address,
    receivedAt,
    kind: 'bad',
    channel: kind,
    payload: Buffer.from(JSON.stringify(said)),
    code: 'payload.refused-by-database',
    reason: `the database refused it: SQLSTATE ${faultCode(failure)}`,
    keep: true,
    envelope: kind === 'hello' || kind === 'presence' ? null : message.report,
  };
}
