import { type BackoffPolicy, backoffDelayMs, type Cancel, type Clock, Fault, faultCode, faultText, type Random } from '@towline/kit';
import type { DownChannel } from '@towline/protocol';
import * as z from 'zod';
import type { Broker } from '../broker/broker.ts';
import { inTransaction, type SqlClient, type SqlPool } from '../platform/database.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import type { Sealer } from '../platform/sealer.ts';
import { readConfirm, readJob, readTarget } from './down-messages.repository.ts';
import { lockNotes, type QueuedNote, removeNotes } from './outbox.repository.ts';

export interface OutboxPublisherOptions {
  readonly pool: SqlPool;
  readonly broker: Pick<Broker, 'publish' | 'mayHear' | 'ready'>;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControlPlaneLog;
}

const batchSize = 200;
/** Should a notification be lost, a note waits no longer than this. */
const lookEveryMs = 5000;
const retry: BackoffPolicy = { baseMs: 200, factor: 2, maxMs: 10_000, jitter: 0.5 };

/** Sends what the outbox notes. A note goes when it was sent, or when its device is away: the device's next hello asks for what it missed. */
export class OutboxPublisher {
  readonly #options: OutboxPublisherOptions;
  #working: Promise<void> | null = null;
  #again = false;
  #attempt = 0;
  #stopped = false;
  #cancel: Cancel = () => undefined;

  constructor(options: OutboxPublisherOptions) {
    this.#options = options;
  }

  start(): void {
    this.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#working;
  }

  /** Something was queued, or may have been. */
  wake(): void {
    this.#again = true;
    if (this.#working || this.#stopped) return;
    this.#cancel();
    this.#working = this.#work().finally(() => {
      this.#working = null;
    });
  }

  async #work(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        while ((await this.#publishBatch()) === batchSize && !this.#stopped);
        this.#attempt = 0;
      } catch (error) {
        this.#options.log.warn('outbox.failed', { code: faultCode(error), reason: faultText(error) });
        this.#attempt += 1;
      }
    }
    this.#lookLater();
  }

  #lookLater(): void {
    if (this.#stopped) return;
    const { clock, random } = this.#options;
    const delayMs = this.#attempt > 0 ? backoffDelayMs(retry, this.#attempt - 1, random) : lookEveryMs;
    this.#cancel = clock.schedule(delayMs, () => this.wake());
  }

  /** @returns how many notes it took */
  async #publishBatch(): Promise<number> {
    if (!this.#options.broker.ready()) return 0;
    return inTransaction(this.#options.pool, async (client) => {
      const notes = await lockNotes(client, batchSize);
      for (const note of notes) await this.#publish(client, note);
      if (notes.length > 0)
        await removeNotes(
          client,
          notes.map(({ id }) => id),
        );
      return notes.length;
    });
  }

  async #publish(client: SqlClient, { tenantId, deviceId, channel, subject }: QueuedNote): Promise<void> {
    const address = { tenant: tenantId, device: deviceId };
    const { broker } = this.#options;
    if (!broker.mayHear(address, channel)) return;
    const message = await this.#read(client, { address, channel, subject });
    if (message) broker.publish(address, channel, JSON.stringify(message));
  }

  /** What a row of its own cannot be read for (sealed with another key, say) must not hold up all others. */
  async #read(
    client: SqlClient,
    what: {
      address: { tenant: string; device: string };
      channel: Extract<DownChannel, 'target' | 'job' | 'confirm'>;
      subject: string | null;
    },
  ) {
    const { sealer, log } = this.#options;
    try {
      if (what.channel === 'target') return await readTarget(client, what.address, sealer);
      if (what.subject === null) return null;
      const read = what.channel === 'job' ? readJob : readConfirm;
      return await read(client, what.address, what.subject);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      log.error('outbox.failed', { device: what.address.device, channel: what.channel, code: faultCode(error) });
      return null;
    }
  }
}

/**
 * What the row itself holds: sealed with another key, or of no shape we know. Everything else is the database's, whose
 * client has time-outs without any code, and keeps the note for later.
 */
function isUnreadable(error: unknown): boolean {
  return error instanceof Fault || error instanceof z.ZodError;
}
