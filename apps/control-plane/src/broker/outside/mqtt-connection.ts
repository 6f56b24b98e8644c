import { type BackoffPolicy, backoffDelayMs, type Cancel, type Clock, faultCode, faultText, type Random } from '@towline/kit';
import { connect, type MqttClient } from 'mqtt';
import type { ControlPlaneLog } from '../../platform/log.ts';

export interface MqttConnectionOptions {
  /** With the account of the control plane: a secret. */
  readonly url: string;
  readonly clientId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControlPlaneLog;
  /** Subscribed anew after each connect, at QoS 1. */
  readonly filter: string;
  /** @param taken until it is called, nothing more is read from the broker and this message is not acknowledged */
  readonly onMessage: (topic: string, payload: Uint8Array, taken: () => void) => void;
  /** The subscription stands. */
  readonly onReady: () => void;
}

const reconnect: BackoffPolicy = { baseMs: 200, factor: 2, maxMs: 10_000, jitter: 0.5 };
const connectTimeoutMs = 10_000;
/** Longer than a message may be held: nobody reads the broker's ping while one is. */
const keepaliveS = 120;
/** More than this not yet written to the socket: nothing is added. */
const maxUnwrittenBytes = 8 * 1024 * 1024;

/** The account out of a URL: mqtt.js takes it from there as it is written, percent signs and all. */
function accountOf(brokerUrl: string): { url: string; username: string; password: string } {
  const url = new URL(brokerUrl);
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  url.username = '';
  url.password = '';
  return { url: url.toString(), username, password };
}

/** A clean MQTT 3.1.1 session at an outside broker, made again for ever. */
export class MqttConnection {
  readonly #options: MqttConnectionOptions;
  readonly #client: MqttClient;
  #attempt = 0;
  #ready = false;
  #stopped = false;
  #cancel: Cancel = () => undefined;

  /** Connects at once; `isReady` tells when it stands. */
  constructor(options: MqttConnectionOptions) {
    this.#options = options;
    const { url, username, password } = accountOf(options.url);
    this.#client = connect(url, {
      ...(username === '' ? {} : { username, password }),
      clientId: options.clientId,
      protocolVersion: 4,
      clean: true,
      keepalive: keepaliveS,
      connectTimeout: connectTimeoutMs,
      // We space the tries ourselves: mqtt.js has no jitter, and a broker that comes back must not meet everybody at once.
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    });
    // mqtt.js acknowledges, and reads on, when this has called back.
    this.#client.handleMessage = ({ topic, payload }, done) =>
      options.onMessage(topic, typeof payload === 'string' ? Buffer.from(payload) : payload, () => done());
    this.#client.on('connect', () => this.#subscribe());
    this.#client.on('error', (error) =>
      this.#options.log.warn('broker.connection-lost', { code: faultCode(error), reason: faultText(error) }),
    );
    this.#client.on('close', () => this.#closed());
  }

  isReady(): boolean {
    return this.#ready;
  }

  /** @returns whether it went on its way; nothing is kept for later */
  publish(topic: string, payload: string, qos: 0 | 1): boolean {
    if (!this.#ready || this.#client.stream.writableLength > maxUnwrittenBytes) return false;
    this.#client.publish(topic, payload, { qos });
    return true;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ready = false;
    this.#cancel();
    await this.#client.endAsync(true).catch(() => undefined);
  }

  #subscribe(): void {
    this.#client.subscribe(this.#options.filter, { qos: 1 }, (error, granted) => {
      if (this.#stopped) return;
      if (error || granted?.some(({ qos }) => qos > 2)) {
        this.#options.log.error('broker.subscribe-refused', { filter: this.#options.filter });
        this.#client.stream.destroy();
        return;
      }
      this.#attempt = 0;
      this.#ready = true;
      this.#options.log.info('broker.connected', { client: this.#options.clientId });
      this.#options.onReady();
    });
  }

  #closed(): void {
    this.#ready = false;
    if (this.#stopped) return;
    const delayMs = backoffDelayMs(reconnect, this.#attempt, this.#options.random);
    this.#attempt += 1;
    this.#cancel();
    this.#cancel = this.#options.clock.schedule(delayMs, () => {
      // What was sent into the lost session is not sent again: the next hello mends it.
      this.#client.reconnect();
    });
  }
}
