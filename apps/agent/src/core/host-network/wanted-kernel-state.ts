import { type Family, familyOf, type HostAddress, type HostRoute, type HostRule, type WantedLink } from './host-network.ts';
import { lastMetric, mainTable, metricOf, portsOf, tableOf } from './slot.ts';

const families = [4, 6] as const;

function octetsOf(address: string): readonly number[] {
  return address.split('.').map(Number);
}

/** The network of an IPv4 address: `192.168.225.30/24` lies in `192.168.225.0/24`. */
export function networkOf({ address, prefixLength }: HostAddress): string {
  const masked = octetsOf(address).map((octet, index) => {
    const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
    return octet & (0xff << (8 - bits)) & 0xff;
  });
  return `${masked.join('.')}/${prefixLength}`;
}

function sourceOf({ addresses }: WantedLink, family: Family): string | null {
  return addresses.find(({ address }) => familyOf(address) === family)?.address ?? null;
}

/**
 * The way out in the main table, behind that of every other uplink, and the only one in the bearer's own, which then ends: a socket that is
 * bound to a bearer must fail rather than leave by another.
 * @param announcedRouters IPv6 routers that the kernel has heard on the bearer
 */
export function wantedRoutes(link: WantedLink, announcedRouters: readonly string[]): readonly HostRoute[] {
  const metric = metricOf(link.slot);
  const table = tableOf(link.slot);
  const base = { destination: 'default', kind: 'unicast', interface: link.interface, metric } as const;
  const ways = families.flatMap((family): HostRoute[] => {
    const gateway = link.gateways[family];
    if (gateway === undefined) return [];
    const way = { ...base, family, gateway, source: sourceOf(link, family) };
    // A router that announced itself stands there by the kernel's own hand, with this metric: a second one is refused (EEXIST).
    const isThere = gateway !== null && announcedRouters.includes(gateway);
    return [{ ...way, table }, ...(isThere ? [] : [{ ...way, table: mainTable }])];
  });
  // The kernel itself has put the router into the main table. Addresses come and go with it: naming one would hold the route to it.
  const [announcedRouter] = link.gateways[6] === undefined ? announcedRouters : [];
  const announced: HostRoute[] =
    announcedRouter !== undefined ? [{ ...base, family: 6, table, gateway: announcedRouter, source: null }] : [];
  return [...ways, ...announced, ...connected(link, metric), ...tableEnds(link.slot)];
}

/** Where a bearer's table ends, also while there is no bearer. */
export function tableEnds(slot: number): readonly HostRoute[] {
  return families.map((family) => ({
    family,
    table: tableOf(slot),
    destination: 'default',
    kind: 'unreachable',
    interface: null,
    gateway: null,
    source: null,
    metric: lastMetric,
  }));
}

/** The bearer's own network: with our metric, as two modems may both have 192.168.225.0/24, and the office too. */
function connected({ interface: name, addresses, owns }: WantedLink, metric: number): readonly HostRoute[] {
  if (!owns.includes(4)) return [];
  return addresses
    .filter(({ address, prefixLength }) => familyOf(address) === 4 && prefixLength < 32)
    .map((address) => ({
      family: 4,
      table: mainTable,
      destination: networkOf(address),
      kind: 'unicast',
      interface: name,
      gateway: null,
      source: address.address,
      metric,
    }));
}

/** Sockets are bound to a bearer by their own port, or by its interface. The ports come first: they also hold where two have one address. */
export function wantedRules(slot: number, interfaceName: string | null): readonly HostRule[] {
  const table = tableOf(slot);
  const ports = portsOf(slot);
  return families.flatMap((family) => [
    ...(['tcp', 'udp'] as const).map((protocol) => ({
      family,
      priority: 7_400 + slot,
      table,
      match: { kind: 'source-ports' as const, protocol, ...ports },
    })),
    ...(interfaceName === null
      ? []
      : [{ family, priority: 7_500 + slot, table, match: { kind: 'interface' as const, interface: interfaceName } }]),
  ]);
}
