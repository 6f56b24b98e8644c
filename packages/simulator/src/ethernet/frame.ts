import { concatBytes, uint16At, uint16Bytes } from '../ip/address.ts';

export const etherTypes = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;

/** Six bytes of ones: everybody on the wire. */
export const broadcastMac = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);

/** An Ethernet II frame without FCS; its arrays are views. */
export interface EthernetFrame {
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  readonly type: number;
  readonly payload: Uint8Array;
}

/** Null for what is too short to be a frame. */
export function parseFrame(bytes: Uint8Array): EthernetFrame | null {
  if (bytes.length < 14) return null;
  return { destination: bytes.subarray(0, 6), source: bytes.subarray(6, 12), type: uint16At(bytes, 12), payload: bytes.subarray(14) };
}

export function buildFrame({ destination, source, type, payload }: EthernetFrame): Uint8Array {
  return concatBytes(destination, source, uint16Bytes(type), payload);
}
