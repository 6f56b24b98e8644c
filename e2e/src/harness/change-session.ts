import { nodeIds, systemClock } from '@towline/agent/node';
import type { Cancel } from '@towline/kit';
import { type Announce, changeAccount, channels, downTopic, upTopic } from '@towline/protocol';
import { connect, type MqttClient } from 'mqtt';
import type { DeviceCredential } from './enrol.ts';

const againMs = 2000;

/** Asks whether a change may stay, on a session beside the device's own, again and again until it hears that it may. */
export class ChangeSession {
  readonly #credential: DeviceCredential;
  readonly #announce: Omit<Announce, 'nonce'>;
  readonly #onConfirmed: () => void;
  readonly #client: MqttClient;
  #cancel: Cancel = () => undefined;

  constructor(credential: DeviceCredential, announce: Omit<Announce, 'nonce'>, onConfirmed: () => void) {
    this.#credential = credential;
    this.#announce = announce;
    this.#onConfirmed = onConfirmed;
    const account = changeAccount(credential.device);
    const session = {
      protocolVersion: 4,
      clean: true,
      keepalive: 30,
      reconnectPeriod: 500,
      reconnectOnConnackError: true,
      connectTimeout: 5000,
    } as const;
    this.#client = connect(credential.mqttUrl, { clientId: account, username: account, password: credential.secret, ...session });
    this.#client.on('error', () => undefined);
    this.#client.on('connect', () => void this.#begin());
    this.#client.on('message', (_, payload) => this.#hear(payload));
  }

  close(): void {
    this.#cancel();
    this.#client.end(true);
  }

  async #begin(): Promise<void> {
    this.#cancel();
    try {
      await this.#client.subscribeAsync(downTopic(this.#credential, 'confirm'), { qos: 1 });
    } catch {
      // The session ended meanwhile; the next one begins by itself.
      return;
    }
    this.#ask(nodeIds.nonce());
  }

  #ask(nonce: string): void {
    const announce: Announce = { ...this.#announce, nonce };
    this.#client.publish(upTopic(this.#credential, 'announce'), JSON.stringify(announce), { qos: 1 }, () => undefined);
    this.#cancel = systemClock.schedule(againMs, () => this.#ask(nonce));
  }

  #hear(payload: Buffer): void {
    const { transaction } = channels.down.confirm.schema.parse(JSON.parse(payload.toString('utf8')));
    if (transaction !== this.#announce.transaction) return;
    this.close();
    this.#onConfirmed();
  }
}
