import type { Clock, Random } from '@towline/kit';
import { channels, type DeviceAddress, type DownChannel, downTopic, everyUpFilter, maxPayloadBytes, parseUpTopic } from '@towline/protocol';
import type { ControlPlaneLog } from '../../platform/log.ts';
import type { Broker, UpReceiver } from '../broker.ts';
import type { DynamicSecurity } from './dynamic-security.ts';
import { MqttConnection } from './mqtt-connection.ts';

export interface OutsideBrokerOptions {
  readonly url: string;
  /**
   * Unique to this life of the process. Shared, it would let an edge that cannot reach the database, and so does not know that
   * it lost the lease, and the one that took over cut each other off for as long as that lasts.
   */
  readonly clientId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControlPlaneLog;
  /** Whether devices have accounts for their changes there. */
  readonly changeSessions: boolean;
  /** Null where somebody else keeps the accounts of devices. */
  readonly accounts: DynamicSecurity | null;
  /** Told of each message on a topic that is none of ours: somebody else may write there. */
  readonly onStray: () => void;
}

/**
 * One session at a broker of one's own that hears every device. Who a device is, the broker has proven and its rights have
 * bound to the topic; that the topic's device exists in the topic's tenant, ingest looks up again.
 */
export class OutsideBroker implements Broker {
  readonly changeSessions: boolean;
  readonly #options: OutsideBrokerOptions;
  #connection: MqttConnection | null = null;

  constructor(options: OutsideBrokerOptions) {
    this.#options = options;
    this.changeSessions = options.changeSessions;
  }

  async start(receiver: UpReceiver): Promise<void> {
    const { url, clientId, clock, random, log, accounts, onStray } = this.#options;
    accounts?.start();
    this.#connection = new MqttConnection({
      url,
      clientId,
      clock,
      random,
      log,
      filter: everyUpFilter,
      onReady: () => undefined,
      onMessage(topic, payload, taken) {
        const address = parseUpTopic(topic);
        if (address && payload.length <= maxPayloadBytes) return receiver.accept({ ...address, payload }, taken);
        if (address) receiver.refused(address, 'device.publish-too-large');
        else onStray();
        taken();
      },
    });
  }

  ready(): boolean {
    return this.#connection?.isReady() ?? false;
  }

  publish(address: DeviceAddress, channel: DownChannel, payload: string): boolean {
    return this.#connection?.publish(downTopic(address, channel), payload, channels.down[channel].qos) ?? false;
  }

  /** Nobody tells who is there without retained messages or a broker's own API; a message to nobody costs little. */
  mayHear(): boolean {
    return true;
  }

  sessions(): number | null {
    return null;
  }

  /** Without its account a device is cut off and stays out. */
  disconnect(device: string): void {
    this.#options.accounts?.revoke(device);
  }

  cutRevoked(): void {
    this.#options.accounts?.removeRevoked();
  }

  async stop(): Promise<void> {
    await this.#connection?.stop();
    await this.#options.accounts?.stop();
  }
}
