import type { Cancel } from '@towline/kit';
import type { UsbPipes } from '../usb-function.ts';

/** Where the control and the data of a network function run. */
export interface NetworkWiring {
  readonly control: number;
  readonly data: number;
  readonly interruptIn: number | null;
  readonly bulkIn: number;
  readonly bulkOut: number;
  readonly pipes: UsbPipes;
}

/** Whole Ethernet frames without check sum, seen from the function: the module's own Ethernet side is behind it. */
export interface FrameChannel {
  /** A frame from the host. */
  receive(frame: Uint8Array): void;
  /** Frames for the host. */
  onFrame(listen: (frame: Uint8Array) => void): Cancel;
  /** The function is gone. */
  close(): void;
}

/** A modem's side of a control protocol: one whole QMUX or MBIM message at a time. It outlives an enumeration, as its clients do. */
export interface ControlPeer {
  receive(message: Uint8Array): void;
  onMessage(listen: (message: Uint8Array) => void): Cancel;
}

/** Whole packets, seen from the function; for QMI in its 802.3 format, frames. */
export interface PacketChannel {
  receive(packet: Uint8Array): void;
  onPacket(listen: (packet: Uint8Array) => void): Cancel;
}
