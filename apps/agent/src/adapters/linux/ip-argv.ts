import type { Argv } from '@towline/modem';
import type { HostRoute, HostRule, HostStep } from '../../core/host-network/host-network.ts';
import { routeProtocol } from '../../core/host-network/slot.ts';

/** For a kernel that answers within milliseconds, on a host that may be busy. A list of some 8,000 routes fits. */
export const ipBounds = { timeoutMs: 10_000, maxOutputBytes: 1024 * 1024 } as const;

/** The steps that `ip` does; the others are files. */
export type IpStep = Extract<HostStep, { do: 'set-up' | 'set-mtu' | `${'add' | 'remove'}-${'address' | 'route' | 'rule'}` }>;

const ours = ['protocol', String(routeProtocol)] as const;
const verbOf = (step: { readonly do: string }) => (step.do.startsWith('add') ? 'add' : 'del');

function routeArguments({ table, destination, kind, interface: name, gateway, source, metric }: HostRoute): readonly string[] {
  return [
    ...(kind === 'unreachable' ? ['unreachable'] : []),
    destination,
    ...(gateway === null ? [] : ['via', gateway]),
    ...(name === null ? [] : ['dev', name]),
    // The router need not lie in a network of ours: a bearer's address is often a /32.
    ...(gateway === null ? [] : ['onlink']),
    ...(source === null ? [] : ['src', source]),
    'table',
    String(table),
    'metric',
    String(metric),
    ...ours,
  ];
}

function ruleArguments({ priority, table, match }: HostRule): readonly string[] {
  const selector =
    match.kind === 'interface' ? ['oif', match.interface] : ['ipproto', match.protocol, 'sport', `${match.first}-${match.last}`];
  return ['priority', String(priority), ...selector, 'table', String(table), ...ours];
}

/** The call of `ip` (iproute2) that does a step. */
export function ipArgv(step: IpStep): Argv {
  switch (step.do) {
    case 'set-up':
      return ['ip', 'link', 'set', 'dev', step.interface, 'up'];
    case 'set-mtu':
      return ['ip', 'link', 'set', 'dev', step.interface, 'mtu', String(step.mtu)];
    case 'add-address':
    case 'remove-address': {
      const { address, prefixLength } = step.address;
      // Without the kernel's own route to the network: it would have no metric. Duplicate detection has nobody to ask on a bearer.
      const flags = step.do === 'remove-address' ? [] : address.includes(':') ? ['noprefixroute', 'nodad'] : ['noprefixroute'];
      return ['ip', 'address', verbOf(step), `${address}/${prefixLength}`, 'dev', step.interface, ...flags];
    }
    case 'add-route':
    case 'remove-route':
      return ['ip', `-${step.route.family}`, 'route', verbOf(step), ...routeArguments(step.route)];
    case 'add-rule':
    case 'remove-rule':
      return ['ip', `-${step.rule.family}`, 'rule', verbOf(step), ...ruleArguments(step.rule)];
  }
}
