import type { HostStep, ObservedHost } from '../core/host-network/host-network.ts';

/** An interface as the kernel makes it, before anybody set anything up. */
export const bareInterface = (name: string): ObservedHost => ({
  interface: name,
  up: false,
  mtu: 1500,
  addresses: [],
  routes: [],
  rules: [],
  routers: [],
  reverseFilter: 1,
  routerMetric: 1024,
  resolvers: [],
  rxBytes: 0,
});

const text = (value: object) => JSON.stringify(value);

function afterStep(host: ObservedHost, step: HostStep): ObservedHost {
  switch (step.do) {
    case 'set-up':
      return { ...host, up: true };
    case 'set-mtu':
      return { ...host, mtu: step.mtu };
    case 'add-address':
      return { ...host, addresses: [...host.addresses, step.address] };
    case 'remove-address':
      return { ...host, addresses: host.addresses.filter(({ address }) => address !== step.address.address) };
    case 'add-route':
      return { ...host, routes: [...host.routes, step.route] };
    case 'remove-route':
      return { ...host, routes: host.routes.filter((route) => text(route) !== text(step.route)) };
    case 'add-rule':
      return { ...host, rules: [...host.rules, step.rule] };
    case 'remove-rule':
      return { ...host, rules: host.rules.filter((rule) => text(rule) !== text(step.rule)) };
    case 'loosen-reverse-filter':
      return { ...host, reverseFilter: 2 };
    case 'set-router-metric':
      return { ...host, routerMetric: step.metric };
    case 'note-resolvers':
      return { ...host, resolvers: step.resolvers };
  }
}

/** What a host has once these steps are done, as a kernel would have it. */
export function kernelAfter(host: ObservedHost, steps: readonly HostStep[]): ObservedHost {
  return steps.reduce(afterStep, host);
}
