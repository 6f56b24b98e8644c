import type { SetupPacket } from './setup-packet.ts';

/** `stall`: the device refused it; `gone`: the device went away; `protocol`: what came over the wire was no packet. */
export type UrbStatus = 'ok' | 'stall' | 'gone' | 'protocol';

export interface UrbResult {
  readonly status: UrbStatus;
  /** What came from the device; empty towards the device. */
  readonly data: Uint8Array;
  /** Bytes moved, in either direction. */
  readonly length: number;
}

/** One transfer that the host asks for. */
export interface Urb {
  /** With the direction bit; 0x00 and 0x80 are the control endpoint. */
  readonly endpoint: number;
  /** Of a control transfer. */
  readonly setup: SetupPacket | null;
  /** Towards the device. */
  readonly data: Uint8Array;
  /** Room for what comes from the device. */
  readonly room: number;
  /** Called once, unless the URB is taken back before. */
  complete(result: UrbResult): void;
}

const nothing = new Uint8Array(0);

export function moved(length: number): UrbResult {
  return { status: 'ok', data: nothing, length };
}

export function delivered(data: Uint8Array): UrbResult {
  return { status: 'ok', data, length: data.length };
}

export function failed(status: Exclude<UrbStatus, 'ok'>): UrbResult {
  return { status, data: nothing, length: 0 };
}
