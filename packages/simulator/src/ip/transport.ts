import { byteAt, concatBytes, copyOf, uint16At, uint16Bytes, uint32Bytes } from './address.ts';
import { internetChecksum } from './checksum.ts';
import { buildIpv4, protocols } from './ipv4.ts';
import { buildIpv6 } from './ipv6.ts';

/** Two ends of one family, in bytes. */
export interface Ends {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

function pseudoHeader({ source, destination }: Ends, protocol: number, length: number): Uint8Array {
  if (source.length === 4) return concatBytes(source, destination, Uint8Array.of(0, protocol), uint16Bytes(length));
  return concatBytes(source, destination, uint32Bytes(length), Uint8Array.of(0, 0, 0, protocol));
}

function buildIp(ends: Ends, protocol: number, payload: Uint8Array): Uint8Array {
  if (ends.source.length === 4) return buildIpv4({ ...ends, protocol, payload });
  return buildIpv6({ ...ends, nextHeader: protocol, hopLimit: protocol === protocols.icmpv6 ? 255 : 64, payload });
}

export interface Datagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly data: Uint8Array;
}

/** RFC 768. Null for what is cut short or has a wrong checksum. */
export function parseUdp(payload: Uint8Array, ends: Ends): Datagram | null {
  const length = uint16At(payload, 4);
  if (payload.length < 8 || length < 8 || length > payload.length) return null;
  const segment = payload.subarray(0, length);
  const hasChecksum = uint16At(payload, 6) !== 0;
  if (hasChecksum && internetChecksum(pseudoHeader(ends, protocols.udp, length), segment) !== 0) return null;
  return { sourcePort: uint16At(payload, 0), destinationPort: uint16At(payload, 2), data: segment.subarray(8) };
}

/** A whole IP packet with one datagram. */
export function buildUdp(ends: Ends, { sourcePort, destinationPort, data }: Datagram): Uint8Array {
  const segment = concatBytes(uint16Bytes(sourcePort, destinationPort, 8 + data.length, 0), data);
  const checksum = internetChecksum(pseudoHeader(ends, protocols.udp, segment.length), segment);
  segment.set(uint16Bytes(checksum === 0 ? 0xffff : checksum), 6);
  return buildIp(ends, protocols.udp, segment);
}

/** A whole ICMPv6 packet (RFC 4443) with its checksum; `message` begins with type and code, its checksum field is filled in. */
export function buildIcmpv6(ends: Ends, message: Uint8Array): Uint8Array {
  const filled = copyOf(message);
  filled.set([0, 0], 2);
  filled.set(uint16Bytes(internetChecksum(pseudoHeader(ends, protocols.icmpv6, filled.length), filled)), 2);
  return buildIp(ends, protocols.icmpv6, filled);
}

export function isIcmpv6Valid(message: Uint8Array, ends: Ends): boolean {
  return message.length >= 4 && internetChecksum(pseudoHeader(ends, protocols.icmpv6, message.length), message) === 0;
}

/** The answer to an echo request of either family (RFC 792, RFC 4443 clause 4.1), or null for anything else. */
export function echoReply(ends: Ends, message: Uint8Array): Uint8Array | null {
  const back = { source: ends.destination, destination: ends.source };
  if (message.length < 8) return null;
  if (ends.source.length === 16) {
    if (byteAt(message, 0) !== 128 || !isIcmpv6Valid(message, ends)) return null;
    return buildIcmpv6(back, concatBytes(Uint8Array.of(129), message.subarray(1)));
  }
  if (byteAt(message, 0) !== 8 || internetChecksum(message) !== 0) return null;
  const reply = concatBytes(Uint8Array.of(0, 0, 0, 0), message.subarray(4));
  reply.set(uint16Bytes(internetChecksum(reply)), 2);
  return buildIp(back, protocols.icmp, reply);
}
