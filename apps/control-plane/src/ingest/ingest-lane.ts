import { type BackoffPolicy, backoffDelayMs, type Clock, faultCode, faultText, type Random, sleep } from '@towline/kit';
import { inPipelinedTransaction, type SqlPool } from '../platform/database.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import type { ArrivalQueue } from './arrival-queue.ts';
import { streamsOf, type WantedStream } from './batch-draft.ts';
import { firstBatchSize, nextBatchSize, shortestGatherMs } from './batch-size.ts';
import { classifyDatabaseError } from './classify-database-error.ts';
import { type BatchOutcome, type CommitOptions, commitBatch } from './commit-batch.ts';
import type { BadMessage, ReadMessage } from './read-message.ts';
import { StreamMemory } from './stream-memory.ts';

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
  readonly commit: Omit<CommitOptions, 'recall'>;
  readonly onCommitted: (batch: CommittedBatch) => void;
  /** Told of each failed try, and of the first that went well again. */
  readonly onDatabase: (available: boolean) => void;
}

const retry: BackoffPolicy = { baseMs: 100, factor: 2, maxMs: 5000, jitter: 0.5 };
/** SQLSTATE unique_violation, of telemetry: the report is there already. Its stream was forgotten and begun anew, so it looked new. */
const alreadyThere = '23505';
/** Enough of them wait for no more. */
const companyMessages = 100;

/** Takes batches from one queue, one transaction at a time. Two lanes never hold reports of one device. */
export class IngestLane {
  readonly #options: LaneOptions;
  readonly #memory = new StreamMemory();
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
      await this.#gather(size.gatherMs);
      const messages = queue.take(size.limit);
      if (messages.length === 0) continue;
      const began = clock.monotonicMs();
      const done = await this.#commit(messages);
      if (!done) return;
      size = nextBatchSize(size, { took: messages.length, commitMs: clock.monotonicMs() - began, waiting: queue.size });
    }
  }

  /** Waits for company, no longer than until there is enough of it. */
  async #gather(longestMs: number): Promise<void> {
    const { queue, clock } = this.#options;
    const untilMs = clock.monotonicMs() + longestMs;
    while (queue.size < companyMessages && clock.monotonicMs() < untilMs && !this.#stop.signal.aborted)
      await sleep(clock, shortestGatherMs, this.#stop.signal);
  }

  /** Until it is committed, in parts where Postgres refuses a part. @returns false when stopped before */
  async #commit(messages: readonly ReadMessage[]): Promise<boolean> {
    const { clock, random, onDatabase } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      const failure = await this.#try(messages);
      if (failure === null) return true;
      const kind = classifyDatabaseError(failure);
      if (kind === 'refused') return this.#commitInParts(messages, failure);
      // What was believed of the streams is forgotten, so that the next try looks them up.
      if (kind === 'contended' && attempt === 0) continue;
      if (kind === 'unavailable') {
        this.#tellFailure(failure, messages.length, attempt);
        onDatabase(false);
      }
      if (this.#stop.signal.aborted) return false;
      await sleep(clock, backoffDelayMs(retry, attempt, random), this.#stop.signal);
    }
  }

  async #try(messages: readonly ReadMessage[]): Promise<unknown> {
    const { pool, clock, commit, onCommitted, onDatabase } = this.#options;
    const began = clock.monotonicMs();
    try {
      const options = { ...commit, recall: (wanted: readonly WantedStream[]) => this.#memory.recall(wanted) };
      const outcome = await inPipelinedTransaction(pool, (client, later) => commitBatch({ client, later }, messages, options));
      this.#memory.remember(outcome.streams);
      onDatabase(true);
      onCommitted({ outcome, messages: messages.length, commitMs: clock.monotonicMs() - began });
      return null;
    } catch (error) {
      // Also after a commit whose answer was lost: nobody knows where these streams are now.
      this.#memory.forget(streamsOf(messages));
      return error ?? new TypeError('nothing was thrown');
    }
  }

  /** Halves until the message that Postgres refuses stands alone; it is set aside, all others are committed. */
  async #commitInParts(messages: readonly ReadMessage[], failure: unknown): Promise<boolean> {
    const [only] = messages;
    if (messages.length > 1) {
      const middle = Math.ceil(messages.length / 2);
      return (await this.#commit(messages.slice(0, middle))) && this.#commit(messages.slice(middle));
    }
    if (!only || only.kind === 'bad') {
      this.#options.log.error('ingest.batch-failed', { code: faultCode(failure), messages: messages.length, dropped: true });
      return true;
    }
    return this.#commit([setAside(only, failure)]);
  }

  #tellFailure(failure: unknown, messages: number, attempt: number): void {
    // The first, then ever more rarely: a database that is away for an hour is no news each second.
    if ((attempt & (attempt + 1)) !== 0) return;
    this.#options.log.warn('ingest.batch-failed', { code: faultCode(failure), reason: faultText(failure), messages, attempt });
  }
}

function saidIn(message: Exclude<ReadMessage, BadMessage>): object {
  if ('report' in message) return message.report;
  switch (message.kind) {
    case 'hello':
      return message.hello;
    case 'presence':
      return message.presence;
    case 'held':
      return message.held;
    case 'announce':
      return message.announce;
  }
}

function setAside(message: Exclude<ReadMessage, BadMessage>, failure: unknown): BadMessage {
  const { address, receivedAt, kind } = message;
  const said = saidIn(message);
  return {
    address,
    receivedAt,
    kind: 'bad',
    channel: kind,
    payload: Buffer.from(JSON.stringify(said)),
    code: 'payload.refused-by-database',
    reason: `the database refused it: SQLSTATE ${faultCode(failure)}`,
    keep: kind !== 'telemetry' || faultCode(failure) !== alreadyThere,
    envelope: 'report' in message ? message.report : null,
  };
}
