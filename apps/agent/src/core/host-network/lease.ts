import type { BearerSettings } from '@towline/modem';
import { canonicalAddress } from './canonical-address.ts';
import type { Family, HostAddress, WantedLink } from './host-network.ts';
import { familyOf } from './host-network.ts';

/** What a DHCP server gave, RFC 2131. Times are monotonic milliseconds. */
export interface Lease {
  readonly interface: string;
  readonly address: HostAddress;
  readonly gateway: string | null;
  readonly resolvers: readonly string[];
  readonly mtu: number | null;
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

export interface Bearing {
  readonly settings: BearerSettings;
  readonly lease: Lease | null;
  readonly slot: number;
}

const isLinkLocal = (address: string) => address.toLowerCase().startsWith('fe80:');

/** The router of a family's first address: null for a link to one peer, undefined without such an address. */
function gatewayOf({ addresses }: BearerSettings, family: Family): string | null | undefined {
  const found = addresses.find(({ address }) => familyOf(address) === family && !isLinkLocal(address))?.gateway;
  return typeof found === 'string' ? canonicalAddress(found) : found;
}

function gatewaysOf(settings: BearerSettings, families: readonly Family[]): WantedLink['gateways'] {
  const known = families.map((family) => [family, gatewayOf(settings, family)] as const).filter(([, gateway]) => gateway !== undefined);
  return Object.fromEntries(known);
}

/** What the bearer asks of the host; null while that is not known: no interface yet, no lease. */
export function wantedLink({ settings, lease, slot }: Bearing): WantedLink | null {
  const { addressing, interface: name, mtu } = settings;
  if (name === null || addressing === 'none') return null;
  if (addressing === 'dhcp') {
    if (!lease || lease.interface !== name) return null;
    const { address, gateway, resolvers } = lease;
    return { slot, interface: name, addresses: [address], owns: [4], gateways: { 4: gateway }, resolvers, mtu: lease.mtu ?? mtu };
  }
  const addresses = settings.addresses
    .filter(({ address }) => !isLinkLocal(address))
    .map(({ address, prefixLength }) => ({ address: canonicalAddress(address), prefixLength }));
  if (addresses.length === 0) return null;
  const isStatic = addressing === 'static';
  const gateways = gatewaysOf(settings, isStatic ? [4, 6] : [4]);
  return { slot, interface: name, addresses, owns: isStatic ? [4, 6] : [], gateways, resolvers: settings.dns, mtu: isStatic ? mtu : null };
}
