import { parseAddress, parseIpv4Address, parseIpv6Address } from '../ip/address.ts';
import { sharedPrefixLength, subnetMask } from '../ip/subnet.ts';
import type { DhcpOffer } from './dhcp-server.ts';
import { createModuleNat, type ModuleNat } from './module-nat.ts';
import type { Uplink } from './uplink.ts';

/** An uplink with its addresses in bytes and its translator, as the Ethernet side works with it. */
export interface AttachedUplink {
  readonly uplink: Uplink;
  /** What DHCP gives; null without IPv4. */
  readonly offer: DhcpOffer | null;
  readonly nat: ModuleNat | null;
  /** Link-local address of the router; null without IPv6. */
  readonly gateway6: Uint8Array | null;
}

const natPrefixLength = 24;

function offerOf({ grant, nat }: Uplink): DhcpOffer | null {
  const outer = grant.addresses.map(parseIpv4Address).find((address) => address !== null);
  const address = nat ? parseIpv4Address(nat.hostAddress) : outer;
  const router = parseIpv4Address(nat?.gateway ?? grant.gateway);
  if (!outer || !address || !router) return null;
  const prefixLength = nat ? natPrefixLength : sharedPrefixLength(address, router);
  const dns = nat ? [router] : grant.dns.flatMap((text) => parseIpv4Address(text) ?? []);
  return { address, router, dns, mask: subnetMask(prefixLength), mtu: grant.mtu };
}

function natOf({ grant, nat }: Uplink): ModuleNat | null {
  const outerAddress = grant.addresses.map(parseIpv4Address).find((address) => address !== null);
  const hostAddress = parseIpv4Address(nat?.hostAddress ?? '');
  const gateway = parseIpv4Address(nat?.gateway ?? '');
  const resolver = parseAddress(grant.dns[0] ?? '');
  if (!outerAddress || !hostAddress || !gateway || !resolver) return null;
  return createModuleNat({ hostAddress, gateway, outerAddress, resolver });
}

export function attachedUplink(uplink: Uplink): AttachedUplink {
  const { ipv6 } = uplink.grant;
  return { uplink, offer: offerOf(uplink), nat: uplink.nat ? natOf(uplink) : null, gateway6: ipv6 ? parseIpv6Address(ipv6.gateway) : null };
}
