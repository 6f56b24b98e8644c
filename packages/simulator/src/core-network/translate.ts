import { byteAt, copyOf, uint16At, uint16Bytes } from '../ip/address.ts';
import { internetChecksum } from '../ip/checksum.ts';
import { type Ipv4Packet, parseIpv4, protocols, readdressed } from '../ip/ipv4.ts';

/** ICMP messages that carry the beginning of the packet they are about (RFC 792). */
const icmpErrors: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
const echoTypes: ReadonlySet<number> = new Set([0, 8]);

function ports({ protocol, payload, fragmentOffset }: Ipv4Packet, side: 'host' | 'remote'): string {
  if (fragmentOffset > 0) return '';
  if (protocol === protocols.icmp) return echoTypes.has(byteAt(payload, 0)) ? `${uint16At(payload, 4)}` : '';
  if (protocol !== protocols.tcp && protocol !== protocols.udp) return '';
  const [first, second] = [uint16At(payload, 0), uint16At(payload, 2)];
  return side === 'host' ? `${first},${second}` : `${second},${first}`;
}

/** The flow of a packet that the host sent. */
export function flowUp(packet: Ipv4Packet): string {
  return `${packet.protocol}/${packet.destination.join('.')}/${ports(packet, 'host')}`;
}

/** The flow that a packet from outside belongs to; the same text as its request had. */
export function flowDown(packet: Ipv4Packet): string {
  return `${packet.protocol}/${packet.source.join('.')}/${ports(packet, 'remote')}`;
}

/** The packet that an ICMP error is about, as far as it was quoted; null when this is no error. */
export function quotedPacket(packet: Ipv4Packet): Ipv4Packet | null {
  if (packet.protocol !== protocols.icmp || !icmpErrors.has(byteAt(packet.payload, 0))) return null;
  const quote = copyOf(packet.payload.subarray(8));
  if (quote.length < 20) return null;
  // RFC 792 quotes the header and eight bytes: the stated length is more than there is.
  quote.set(uint16Bytes(quote.length), 2);
  quote.set([0, 0], 10);
  quote.set(uint16Bytes(internetChecksum(quote.subarray(0, Math.min(quote.length, (byteAt(quote, 0) & 0x0f) * 4)))), 10);
  return parseIpv4(quote);
}

/** A packet from outside, addressed to the host as it knows itself; in an ICMP error also the packet that it quotes. */
export function towardsHost(packet: Ipv4Packet, hostAddress: Uint8Array): Uint8Array {
  const copy = readdressed(packet, 'destination', hostAddress);
  if (!quotedPacket(packet)) return copy;
  const at = packet.headerLength + 8;
  copy.set(hostAddress, at + 12);
  const headerEnd = at + (byteAt(copy, at) & 0x0f) * 4;
  copy.set([0, 0], at + 10);
  copy.set(uint16Bytes(internetChecksum(copy.subarray(at, headerEnd))), at + 10);
  copy.set([0, 0], packet.headerLength + 2);
  copy.set(uint16Bytes(internetChecksum(copy.subarray(packet.headerLength))), packet.headerLength + 2);
  return copy;
}
