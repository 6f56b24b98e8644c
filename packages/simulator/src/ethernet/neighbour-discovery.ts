import { byteAt, concatBytes, sameBytes } from '../ip/address.ts';
import { protocols } from '../ip/ipv4.ts';
import { parseIpv6 } from '../ip/ipv6.ts';
import { buildIcmpv6, isIcmpv6Valid } from '../ip/transport.ts';

/**
 * The neighbour advertisement (RFC 4861 clause 4.4) for a solicitation of the gateway's address, or null for anything
 * else. Duplicate address detection of the host, whose source is `::`, meets silence.
 */
export function answerNeighbour(packet: Uint8Array, mac: Uint8Array, gateway: Uint8Array): Uint8Array | null {
  const ip = parseIpv6(packet);
  if (!ip || ip.nextHeader !== protocols.icmpv6 || byteAt(ip.payload, 0) !== 135 || !isIcmpv6Valid(ip.payload, ip)) return null;
  const target = ip.payload.subarray(8, 24);
  if (!sameBytes(target, gateway) || sameBytes(ip.source, new Uint8Array(16))) return null;
  // Router, solicited, override; option 2 is the target's link-layer address.
  const message = concatBytes(Uint8Array.of(136, 0, 0, 0, 0xe0, 0, 0, 0), target, Uint8Array.of(2, 1), mac);
  return buildIcmpv6({ source: target, destination: ip.source }, message);
}
