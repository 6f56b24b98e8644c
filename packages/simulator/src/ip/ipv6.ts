import { byteAt, concatBytes, uint16At, uint16Bytes } from './address.ts';

/** A packet that was looked at; its arrays are views into `bytes`. */
export interface Ipv6Packet {
  readonly bytes: Uint8Array;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** Extension headers included. */
  readonly payload: Uint8Array;
}

/** RFC 8200. Null for what is no IPv6 packet or is cut short. */
export function parseIpv6(bytes: Uint8Array): Ipv6Packet | null {
  const length = uint16At(bytes, 4);
  if (byteAt(bytes, 0) >> 4 !== 6 || bytes.length < 40 + length) return null;
  return {
    bytes: bytes.subarray(0, 40 + length),
    nextHeader: byteAt(bytes, 6),
    hopLimit: byteAt(bytes, 7),
    source: bytes.subarray(8, 24),
    destination: bytes.subarray(24, 40),
    payload: bytes.subarray(40, 40 + length),
  };
}

export interface Ipv6Parts {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly payload: Uint8Array;
}

export function buildIpv6({ source, destination, nextHeader, hopLimit, payload }: Ipv6Parts): Uint8Array {
  const start = Uint8Array.of(0x60, 0, 0, 0, ...uint16Bytes(payload.length), nextHeader, hopLimit);
  return concatBytes(start, source, destination, payload);
}
