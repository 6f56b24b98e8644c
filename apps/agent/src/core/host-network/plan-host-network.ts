import {
  type Family,
  familyOf,
  type HostAddress,
  type HostRoute,
  type HostRule,
  type HostStep,
  type ObservedHost,
  type WantedLink,
} from './host-network.ts';
import { metricOf } from './slot.ts';
import { tableEnds, wantedRoutes, wantedRules } from './wanted-kernel-state.ts';

const routeKey = ({ family, table, destination, kind, interface: name, gateway, source, metric }: HostRoute) =>
  [family, table, destination, kind, name, gateway, source, metric].join(' ');
const addressKey = ({ address, prefixLength }: HostAddress) => `${address}/${prefixLength}`;
function ruleKey({ family, priority, table, match }: HostRule): string {
  const rest = match.kind === 'interface' ? [match.interface] : [match.protocol, match.first, match.last];
  return [family, priority, table, ...rest].join(' ');
}

function missing<Value>(wanted: readonly Value[], real: readonly Value[], keyOf: (one: Value) => string): readonly Value[] {
  const there = new Set(real.map(keyOf));
  return wanted.filter((one) => !there.has(keyOf(one)));
}

/** What the kernel can have of what is wanted. */
function known<Value extends { readonly family: Family }>(wanted: readonly Value[], { families }: ObservedHost): readonly Value[] {
  return families === undefined ? wanted : wanted.filter(({ family }) => families.includes(family));
}

/** Whether the bearer's interface takes addresses and routes of a family. */
export function takes({ families, ipv6Off }: ObservedHost, family: Family): boolean {
  return (families?.includes(family) ?? true) && !(family === 6 && ipv6Off === true);
}

function staleRoutes(wanted: readonly HostRoute[], real: readonly HostRoute[]): readonly HostStep[] {
  return missing(real, wanted, routeKey).map((route) => ({ do: 'remove-route', route }) as const);
}

function newRoutes(wanted: readonly HostRoute[], real: readonly HostRoute[]): readonly HostStep[] {
  return missing(wanted, real, routeKey).map((route) => ({ do: 'add-route', route }) as const);
}

function ruleSteps(slot: number, real: ObservedHost): readonly HostStep[] {
  const wanted = known(wantedRules(slot, real.interface), real);
  return [
    ...missing(real.rules, wanted, ruleKey).map((rule) => ({ do: 'remove-rule', rule }) as const),
    ...missing(wanted, real.rules, ruleKey).map((rule) => ({ do: 'add-rule', rule }) as const),
  ];
}

function addressSteps(link: WantedLink, real: ObservedHost): readonly HostStep[] {
  const ours = ({ address }: HostAddress) => link.owns.includes(familyOf(address)) && takes(real, familyOf(address));
  const step = (kind: 'add-address' | 'remove-address') => (address: HostAddress) =>
    ({ do: kind, interface: link.interface, address }) as const;
  return [
    ...missing(real.addresses.filter(ours), link.addresses, addressKey).map(step('remove-address')),
    ...missing(link.addresses.filter(ours), real.addresses, addressKey).map(step('add-address')),
  ];
}

function interfaceSteps({ slot, interface: name, mtu }: WantedLink, real: ObservedHost): readonly HostStep[] {
  const metric = metricOf(slot);
  return [
    // Before the link is up: a router that announced itself earlier would stand before other uplinks.
    ...(real.routerMetric === null || real.routerMetric === metric ? [] : [{ do: 'set-router-metric', interface: name, metric } as const]),
    // Strict filtering drops what comes in over a bearer while another uplink has the better route (RFC 3704 clause 2.4).
    ...(real.reverseFilter === null || real.reverseFilter === 2 ? [] : [{ do: 'loosen-reverse-filter', interface: name } as const]),
    ...(real.up ? [] : [{ do: 'set-up', interface: name } as const]),
    ...(mtu === null || mtu === real.mtu ? [] : [{ do: 'set-mtu', interface: name, mtu } as const]),
  ];
}

function resolverSteps(name: string, wanted: readonly string[], real: readonly string[]): readonly HostStep[] {
  return wanted.join() === real.join() ? [] : [{ do: 'note-resolvers', interface: name, resolvers: wanted }];
}

/**
 * What changes the host's network into what a bearer asks of it; nothing when it is so. Looks at nothing but the bearer's interface, its
 * table, and routes that are marked as ours.
 */
export function planHostNetwork(link: WantedLink, real: ObservedHost): readonly HostStep[] {
  const routes = known(wantedRoutes(link, real.routers), real).filter((route) => route.interface === null || takes(real, route.family));
  return [
    ...interfaceSteps(link, real),
    // Before the addresses: the kernel drops routes from an address with the address.
    ...staleRoutes(routes, real.routes),
    ...addressSteps(link, real),
    ...newRoutes(routes, real.routes),
    ...ruleSteps(link.slot, real),
    ...resolverSteps(link.interface, link.resolvers, real.resolvers),
  ];
}

/**
 * What takes a bearer that is down out of the host's network. Its rules and the end of its table stay: what is bound to it fails.
 * Addresses that the bearer's owner sets (pppd) go with the interface.
 */
export function planWithdrawal(slot: number, real: ObservedHost, owns: readonly Family[]): readonly HostStep[] {
  const { interface: name } = real;
  const ends = known(tableEnds(slot), real);
  return [
    ...staleRoutes(ends, real.routes),
    ...real.addresses
      .filter(({ address }) => owns.includes(familyOf(address)))
      .map((address) => ({ do: 'remove-address', interface: name, address }) as const),
    ...newRoutes(ends, real.routes),
    ...ruleSteps(slot, real),
    ...resolverSteps(name, [], real.resolvers),
  ];
}
