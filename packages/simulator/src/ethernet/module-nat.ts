import { towardsHost } from '../core-network/translate.ts';
import { formatAddress, sameBytes, uint16At } from '../ip/address.ts';
import { parseIpv4, protocols, readdressed } from '../ip/ipv4.ts';
import { echoReply } from '../ip/transport.ts';

/** All addresses in bytes. */
export interface ModuleNatParts {
  readonly hostAddress: Uint8Array;
  readonly gateway: Uint8Array;
  /** What the operator granted. */
  readonly outerAddress: Uint8Array;
  /** The operator's resolver, to whom questions for the gateway are passed on. */
  readonly resolver: Uint8Array;
}

/** What becomes of a packet of the host: it goes on, or an answer comes back, or nothing happens. */
export type Outward = { readonly kind: 'send' | 'answer'; readonly packet: Uint8Array } | { readonly kind: 'drop' };

/** The address translator inside an EC200A: the host sees 192.168.43.x, the operator what it granted. */
export interface ModuleNat {
  outward(packet: Uint8Array): Outward;
  inward(packet: Uint8Array): Uint8Array | null;
}

const domainPort = 53;
/** Questions on their way to the resolver; the oldest makes room. */
const questionBound = 64;

/** @see ModuleNat */
export function createModuleNat({ hostAddress, gateway, outerAddress, resolver }: ModuleNatParts): ModuleNat {
  /** Ports from which the host asked the gateway itself, so that the gateway answers. */
  const askedGateway = new Set<number>();
  const keepQuestion = (port: number): void => {
    askedGateway.delete(port);
    askedGateway.add(port);
    const [oldest] = askedGateway;
    if (askedGateway.size > questionBound && oldest !== undefined) askedGateway.delete(oldest);
  };
  return {
    outward(bytes) {
      const packet = parseIpv4(bytes);
      if (!packet || !sameBytes(packet.source, hostAddress)) return { kind: 'drop' };
      const toGateway = sameBytes(packet.destination, gateway);
      const asks = packet.protocol === protocols.udp && uint16At(packet.payload, 2) === domainPort;
      if (toGateway && !asks) {
        const reply = packet.protocol === protocols.icmp ? echoReply(packet, packet.payload) : null;
        return reply ? { kind: 'answer', packet: reply } : { kind: 'drop' };
      }
      if (asks && toGateway) keepQuestion(uint16At(packet.payload, 0));
      if (asks && !toGateway) askedGateway.delete(uint16At(packet.payload, 0));
      const onward = toGateway ? parseIpv4(readdressed(packet, 'destination', resolver)) : packet;
      return onward ? { kind: 'send', packet: readdressed(onward, 'source', outerAddress) } : { kind: 'drop' };
    },
    inward(bytes) {
      const packet = parseIpv4(bytes);
      if (!packet || !sameBytes(packet.destination, outerAddress)) return null;
      const inner = towardsHost(packet, hostAddress);
      const answers = packet.protocol === protocols.udp && uint16At(packet.payload, 0) === domainPort;
      const proxied = answers && askedGateway.has(uint16At(packet.payload, 2)) && formatAddress(packet.source) === formatAddress(resolver);
      const parsed = proxied ? parseIpv4(inner) : null;
      return parsed ? readdressed(parsed, 'source', gateway) : inner;
    },
  };
}
