import { type BackoffPolicy, backoffDelayMs, type Cancel, type Clock, faultText, type Random } from '@towline/kit';
import { Client, escapeIdentifier } from 'pg';
import type { ControlPlaneLog } from './log.ts';

const reconnect: BackoffPolicy = { baseMs: 100, factor: 2, maxMs: 5000, jitter: 0.5 };
/** A connection whose other end vanished without a word is found by this. */
const probeEveryMs = 15_000;

export interface NotificationListenerOptions {
  readonly url: string;
  readonly channel: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControlPlaneLog;
  readonly onNotification: (payload: string) => void;
  /** Called when listening begins, again after each reconnect: notifications before it are lost, so look for yourself. */
  readonly onListening: () => void;
}

/** LISTEN on a connection of its own that is made again, for ever, when it breaks. */
export class NotificationListener {
  readonly #options: NotificationListenerOptions;
  #client: Client | null = null;
  #attempt = 0;
  #stopped = false;
  #cancel: Cancel = () => undefined;

  constructor(options: NotificationListenerOptions) {
    this.#options = options;
  }

  /** Resolves when the first try has ended, well or not. */
  async start(): Promise<void> {
    const { url, channel, onNotification, onListening } = this.#options;
    const client = new Client({
      connectionString: url,
      application_name: `towline-listen-${channel}`,
      connectionTimeoutMillis: 5000,
      query_timeout: 5000,
      keepAlive: true,
    });
    this.#client = client;
    client.on('error', (error) => this.#retry(client, error));
    client.on('end', () => this.#retry(client, null));
    client.on('notification', ({ payload }) => onNotification(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${escapeIdentifier(channel)}`);
      if (this.#client !== client) return;
      this.#attempt = 0;
      this.#probeLater(client);
      onListening();
    } catch (error) {
      this.#retry(client, error);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  #probeLater(client: Client): void {
    this.#cancel = this.#options.clock.schedule(probeEveryMs, () => {
      client.query('select 1').then(
        () => this.#client === client && this.#probeLater(client),
        (error: unknown) => this.#retry(client, error),
      );
    });
  }

  #retry(client: Client, error: unknown): void {
    if (this.#client !== client || this.#stopped) return;
    this.#client = null;
    this.#cancel();
    client.end().catch(() => undefined);
    const { clock, random, log, channel } = this.#options;
    const delayMs = backoffDelayMs(reconnect, this.#attempt, random);
    this.#attempt += 1;
    log.warn('listener.reconnecting', { channel, delayMs: Math.round(delayMs), reason: error === null ? 'ended' : faultText(error) });
    this.#cancel = clock.schedule(delayMs, () => void this.start());
  }
}
