import { byteAt, parseIpv6Address, sameBytes } from '../ip/address.ts';
import { protocols } from '../ip/ipv4.ts';
import { buildUdp, type Ends, echoReply, isIcmpv6Valid, parseUdp } from '../ip/transport.ts';
import type { CoreBearer } from './core-network.ts';
import { answerQuery, type DomainNames } from './domain-names.ts';
import { routerAdvertisement } from './router-advertisement.ts';

const domainPort = 53;
const allNodes = parseIpv6Address('ff02::1') ?? new Uint8Array(16);

/** One packet to an address of the core itself. */
export interface OwnPacket {
  readonly ends: Ends;
  readonly protocol: number;
  readonly payload: Uint8Array;
}

/** What the gateway and the resolvers answer: echoes and names. Null: nothing. */
export function answerOwn({ ends, protocol, payload }: OwnPacket, resolves: boolean, names: DomainNames): Uint8Array | null {
  if (protocol === protocols.icmp || protocol === protocols.icmpv6) return echoReply(ends, payload);
  if (protocol !== protocols.udp || !resolves) return null;
  const query = parseUdp(payload, ends);
  if (query?.destinationPort !== domainPort) return null;
  const answer = answerQuery(query.data, names);
  if (!answer) return null;
  const back = { source: ends.destination, destination: ends.source };
  return buildUdp(back, { sourcePort: domainPort, destinationPort: query.sourcePort, data: answer });
}

export interface RouterParts {
  readonly bearer: CoreBearer;
  /** Of the bearer; 64 bits count. */
  readonly prefix: Uint8Array;
  readonly mtu: number;
}

/** The gateway's answer to a router solicitation (RFC 4861 clause 6.2.6), or null for anything else. */
export function answerSolicitation({ ends, protocol, payload }: OwnPacket, { bearer, prefix, mtu }: RouterParts): Uint8Array | null {
  const gateway = parseIpv6Address(bearer.ipv6?.gateway ?? '');
  if (!gateway || protocol !== protocols.icmpv6 || byteAt(payload, 0) !== 133 || !isIcmpv6Valid(payload, ends)) return null;
  const anonymous = sameBytes(ends.source, new Uint8Array(16));
  const dns = (bearer.ipv6?.dns ?? []).flatMap((text) => parseIpv6Address(text) ?? []);
  return routerAdvertisement({ source: gateway, destination: anonymous ? allNodes : ends.source }, { prefix, dns, mtu });
}
