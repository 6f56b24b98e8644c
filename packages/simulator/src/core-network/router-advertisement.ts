import { concatBytes, uint16Bytes, uint32Bytes } from '../ip/address.ts';
import { buildIcmpv6, type Ends } from '../ip/transport.ts';

export interface Advertised {
  /** Sixteen bytes, of which 64 bits count. */
  readonly prefix: Uint8Array;
  readonly dns: readonly Uint8Array[];
  readonly mtu: number;
}

const lifetimeSeconds = 9_000;

/** A router advertisement (RFC 4861 clause 4.2) with prefix, MTU and resolvers (RFC 8106). The prefix is not on-link, as TS 23.060 clause 9.2.1.1 has it. */
export function routerAdvertisement(ends: Ends, { prefix, dns, mtu }: Advertised): Uint8Array {
  const head = concatBytes(Uint8Array.of(134, 0, 0, 0, 64, 0), uint16Bytes(lifetimeSeconds), uint32Bytes(0), uint32Bytes(0));
  const lifetime = uint32Bytes(lifetimeSeconds);
  const network = concatBytes(prefix.subarray(0, 8), new Uint8Array(8));
  const prefixOption = concatBytes(Uint8Array.of(3, 4, 64, 0x40), lifetime, lifetime, uint32Bytes(0), network);
  const mtuOption = concatBytes(Uint8Array.of(5, 1, 0, 0), uint32Bytes(mtu));
  const dnsOption = dns.length === 0 ? new Uint8Array() : concatBytes(Uint8Array.of(25, 1 + 2 * dns.length, 0, 0), lifetime, ...dns);
  return buildIcmpv6(ends, concatBytes(head, prefixOption, mtuOption, dnsOption));
}
