import type { SetupPacket } from './setup-packet.ts';

/** Data for the host (empty when there are none), or a stall. */
export type ControlAnswer = Uint8Array | 'stall';

/** What stands behind one or two interfaces: a tty, a network function. */
export interface UsbFunction {
  readonly interfaces: readonly number[];
  /** A class or vendor request to one of the interfaces. */
  control(setup: SetupPacket, data: Uint8Array): ControlAnswer;
  /** Bytes that the host wrote to an endpoint. */
  receive(endpoint: number, data: Uint8Array): void;
  selectAlternate(interfaceNumber: number, alternate: number): void;
  /** The host let go of the device, or the device went away. */
  close(): void;
}

/** The way of a function to the host. */
export interface UsbPipes {
  /** Queues one transfer on an endpoint; bounded. */
  send(endpoint: number, transfer: Uint8Array): void;
  /** Drops what the host has not fetched. */
  clear(endpoint: number): void;
}

export const done: ControlAnswer = new Uint8Array(0);
