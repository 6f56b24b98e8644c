import { byteAt, concatBytes, copyOf, uint16At, uint16Bytes } from './address.ts';
import { adjustedChecksum, internetChecksum } from './checksum.ts';

export const protocols = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

/** A packet that was looked at; its arrays are views into `bytes`. */
export interface Ipv4Packet {
  /** The whole packet, without what a link appended. */
  readonly bytes: Uint8Array;
  readonly headerLength: number;
  readonly protocol: number;
  readonly timeToLive: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** In bytes; above 0 the payload begins in the middle of something. */
  readonly fragmentOffset: number;
  readonly payload: Uint8Array;
}

/** RFC 791. Null for what is no IPv4 packet, is cut short, or has a wrong header checksum. */
export function parseIpv4(bytes: Uint8Array): Ipv4Packet | null {
  const headerLength = (byteAt(bytes, 0) & 0x0f) * 4;
  const length = uint16At(bytes, 2);
  if (byteAt(bytes, 0) >> 4 !== 4 || headerLength < 20 || length < headerLength || length > bytes.length) return null;
  if (internetChecksum(bytes.subarray(0, headerLength)) !== 0) return null;
  return {
    bytes: bytes.subarray(0, length),
    headerLength,
    protocol: byteAt(bytes, 9),
    timeToLive: byteAt(bytes, 8),
    source: bytes.subarray(12, 16),
    destination: bytes.subarray(16, 20),
    fragmentOffset: (uint16At(bytes, 6) & 0x1fff) * 8,
    payload: bytes.subarray(headerLength, length),
  };
}

export interface Ipv4Parts {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly protocol: number;
  readonly payload: Uint8Array;
}

/** A packet without options, not to be fragmented, with 64 hops to live. */
export function buildIpv4({ source, destination, protocol, payload }: Ipv4Parts): Uint8Array {
  const start = Uint8Array.of(0x45, 0, ...uint16Bytes(20 + payload.length, 0, 0x4000), 64, protocol, 0, 0);
  const header = concatBytes(start, source, destination);
  header.set(uint16Bytes(internetChecksum(header)), 10);
  return concatBytes(header, payload);
}

/** Where the transport checksum, which covers the addresses too, lies in a packet; null: there is none to adjust. */
function transportChecksumAt({ bytes, protocol, headerLength, fragmentOffset, payload }: Ipv4Packet): number | null {
  if (fragmentOffset > 0) return null;
  if (protocol === protocols.tcp) return payload.length >= 18 ? headerLength + 16 : null;
  if (protocol !== protocols.udp || payload.length < 8) return null;
  // RFC 768: a checksum of zero says that there is none.
  return uint16At(bytes, headerLength + 6) === 0 ? null : headerLength + 6;
}

/** A copy with another source or destination; checksums are adjusted, not made anew, so that a wrong one stays wrong. */
export function readdressed(packet: Ipv4Packet, which: 'source' | 'destination', address: Uint8Array): Uint8Array {
  const copy = copyOf(packet.bytes);
  const before = which === 'source' ? packet.source : packet.destination;
  copy.set(address, which === 'source' ? 12 : 16);
  copy.set(uint16Bytes(adjustedChecksum(uint16At(packet.bytes, 10), before, address)), 10);
  const at = transportChecksumAt(packet);
  if (at === null) return copy;
  const checksum = adjustedChecksum(uint16At(packet.bytes, at), before, address);
  copy.set(uint16Bytes(checksum === 0 && packet.protocol === protocols.udp ? 0xffff : checksum), at);
  return copy;
}

/** A copy with one hop less to live, or null when it has none left. */
export function hopped(packet: Ipv4Packet): Uint8Array | null {
  if (packet.timeToLive <= 1) return null;
  const copy = copyOf(packet.bytes);
  copy[8] = packet.timeToLive - 1;
  copy.set(uint16Bytes(adjustedChecksum(uint16At(packet.bytes, 10), packet.bytes.subarray(8, 10), copy.subarray(8, 10))), 10);
  return copy;
}
