import type { DeviceAddress, DownChannel, UpChannel } from '@towline/protocol';

/** One message of one device, its sender proven by the broker. */
export interface UpMessage extends DeviceAddress {
  readonly channel: UpChannel;
  readonly payload: Uint8Array;
}

/** Why a broker did not let a session do something. */
export type RefusalCode =
  | 'device.publish-foreign'
  | 'device.publish-retained'
  | 'device.publish-qos'
  | 'device.publish-too-large'
  | 'device.subscribe-foreign';

/** Where a broker hands on what comes up. */
export interface UpReceiver {
  /**
   * @param taken called when there is room for the next message of this device: until then the broker doesn't acknowledge
   *   this one and reads no further from that device. It is always called, in the end.
   */
  accept(message: UpMessage, taken: () => void): void;
  /** A proven device tried what it has no right to. */
  refused(address: DeviceAddress, code: RefusalCode): void;
}

/** What ingest and outbox need of a broker, whichever it is. */
export interface Broker {
  /** Resolves when devices can connect (embedded), or at once, the first connection being made meanwhile (outside): see `ready`. */
  start(receiver: UpReceiver): Promise<void>;
  /** Whether messages can go out at all now; while not, nothing is taken from the outbox. */
  ready(): boolean;
  /** Whether devices have their session of changes here, beside their own: only then can changes be confirmed. */
  readonly changeSessions: boolean;
  /**
   * Sends at the channel's QoS, to the session that the channel belongs to.
   * @returns whether it went on its way; a device that misses it is mended by its next hello, or announce
   */
  publish(address: DeviceAddress, channel: DownChannel, payload: string): boolean;
  /** Whether the device may be there to hear on this channel: exact for the embedded broker, always true for one that doesn't tell. */
  mayHear(address: DeviceAddress, channel: DownChannel): boolean;
  /** Sessions that stand at this broker now, those of changes among them; null when it doesn't tell. */
  sessions(): number | null;
  /** Cuts the sessions of a device whose credential is gone. */
  disconnect(device: string): void;
  /** Cuts whoever has no credential any more: word of it may have been missed. */
  cutRevoked(): void;
  stop(): Promise<void>;
}
