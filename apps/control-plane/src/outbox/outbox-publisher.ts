import { type BackoffPolicy, backoffDelayMs, type Cancel, type Clock, faultCode, faultText, type Random } from '@towline/kit';
import type { Broker } from '../broker/broker.ts';
import { inTransaction, type SqlPool } from '../platform/database.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import type { Sealer } from '../platform/sealer.ts';
import { type DownReading, readDown } from './down-messages.repository.ts';
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
    const { pool, broker, sealer } = this.#options;
    return inTransaction(pool, async (client) => {
      const notes = await lockNotes(client, batchSize);
      const heard = notes.filter(({ tenantId, deviceId, channel }) => broker.mayHear({ tenant: tenantId, device: deviceId }, channel));
      for (const [index, reading] of (await readDown(client, heard, sealer)).entries()) {
        const note = heard[index];
        if (note) this.#publish(note, reading);
      }
      if (notes.length > 0)
        await removeNotes(
          client,
          notes.map(({ id }) => id),
        );
      return notes.length;
    });
  }

  #publish({ tenantId, deviceId, channel }: QueuedNote, reading: DownReading): void {
    const { broker, log } = this.#options;
    if (!reading.ok) log.error('outbox.failed', { device: deviceId, channel, code: reading.code });
    else if (reading.message) broker.publish({ tenant: tenantId, device: deviceId }, channel, JSON.stringify(reading.message));
  }
}
