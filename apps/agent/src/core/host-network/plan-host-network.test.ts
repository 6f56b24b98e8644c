import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareInterface, kernelAfter } from '../../testing/kernel-network.ts';
import type { HostStep, ObservedHost, WantedLink } from './host-network.ts';
import { planHostNetwork, planWithdrawal } from './plan-host-network.ts';
import { networkOf } from './wanted-kernel-state.ts';

const bare = bareInterface('wwan0');

const qmi: WantedLink = {
  slot: 1,
  interface: 'wwan0',
  addresses: [
    { address: '10.64.0.2', prefixLength: 30 },
    { address: '2001:db8::2', prefixLength: 64 },
  ],
  owns: [4, 6],
  gateways: { 4: '10.64.0.1', 6: null },
  resolvers: ['10.64.0.1'],
  mtu: 1430,
};

const routesOf = (steps: readonly HostStep[]) => steps.flatMap((step) => (step.do === 'add-route' ? [step.route] : []));

describe('the network of a bearer on the host', () => {
  it('has a way out behind other uplinks, and a table of its own that ends', () => {
    const routes = routesOf(planHostNetwork(qmi, bare)).filter(({ family }) => family === 4);
    expect(routes).toMatchObject([
      { table: 7401, destination: 'default', gateway: '10.64.0.1', interface: 'wwan0', source: '10.64.0.2', metric: 4001 },
      { table: 254, destination: 'default', gateway: '10.64.0.1', metric: 4001 },
      { table: 254, destination: '10.64.0.0/30', gateway: null, metric: 4001 },
      { table: 7401, destination: 'default', kind: 'unreachable', interface: null, metric: 4_294_967_295 },
    ]);
  });

  it('binds sockets to it by their own port or by its interface', () => {
    const rules = planHostNetwork(qmi, bare).flatMap((step) => (step.do === 'add-rule' && step.rule.family === 4 ? [step.rule] : []));
    expect(rules).toMatchObject([
      { priority: 7401, table: 7401, match: { protocol: 'tcp', first: 61_064, last: 61_127 } },
      { priority: 7401, table: 7401, match: { protocol: 'udp' } },
      { priority: 7501, table: 7401, match: { interface: 'wwan0' } },
    ]);
  });

  it('needs nothing more once it is so', () => {
    const after = kernelAfter(bare, planHostNetwork(qmi, bare));
    expect(planHostNetwork(qmi, after)).toEqual([]);
  });

  it('asks nothing of IPv6 of a kernel that has none, and takes nothing of it back', () => {
    const ipv4Only: ObservedHost = { ...bare, routerMetric: null, families: [4] };
    const steps = planHostNetwork(qmi, ipv4Only);
    expect(JSON.stringify(steps)).not.toMatch(/"family":6|2001:db8/);
    const after = kernelAfter(ipv4Only, steps);
    expect(planHostNetwork(qmi, after)).toEqual([]);
    expect(JSON.stringify(planWithdrawal(qmi.slot, after, [4, 6]))).not.toContain('"family":6');
  });

  it('goes on with IPv4 on an interface whose IPv6 is off, and still lets what is bound to it fail', () => {
    const without: ObservedHost = { ...bare, ipv6Off: true };
    const steps = planHostNetwork(qmi, without);
    expect(routesOf(steps).filter(({ family }) => family === 6)).toMatchObject([{ kind: 'unreachable', interface: null }]);
    expect(JSON.stringify(steps)).not.toContain('2001:db8');
    expect(steps.filter((step) => step.do === 'add-rule' && step.rule.family === 6)).toHaveLength(3);
    expect(planHostNetwork(qmi, kernelAfter(without, steps))).toEqual([]);
  });

  it('changes what another address changes, and no more', () => {
    const after = kernelAfter(bare, planHostNetwork(qmi, bare));
    const moved = { ...qmi, addresses: [{ address: '10.64.0.6', prefixLength: 30 }, ...qmi.addresses.slice(1)] };
    const steps = planHostNetwork(moved, after);
    expect(steps.every((step) => !('rule' in step) && !('mtu' in step))).toBe(true);
    expect(steps).toContainEqual({ do: 'remove-address', interface: 'wwan0', address: { address: '10.64.0.2', prefixLength: 30 } });
    expect(planHostNetwork(moved, kernelAfter(after, steps))).toEqual([]);
  });

  it('leaves IPv6 addresses by router advertisement alone, and takes the router into the table', () => {
    const dhcp: WantedLink = {
      ...qmi,
      addresses: [{ address: '192.168.225.30', prefixLength: 24 }],
      owns: [4],
      gateways: { 4: '192.168.225.1' },
    };
    const real = { ...bare, addresses: [{ address: '2001:db8::9', prefixLength: 64 }], routers: ['fe80::1'] };
    const steps = planHostNetwork(dhcp, real);
    expect(steps.some((step) => step.do === 'remove-address')).toBe(false);
    expect(routesOf(steps).filter(({ family, kind }) => family === 6 && kind === 'unicast')).toMatchObject([
      { table: 7401, gateway: 'fe80::1', source: null },
    ]);
    expect(planHostNetwork(dhcp, kernelAfter(real, steps))).toEqual([]);
  });

  it('adds no second way out to a router that announced itself, as the kernel refuses one', () => {
    const mbim: WantedLink = { ...qmi, gateways: { 4: '10.64.0.1', 6: 'fe80::1' } };
    const ways = routesOf(planHostNetwork(mbim, { ...bare, routers: ['fe80::1'] })).filter(
      ({ family, kind }) => family === 6 && kind === 'unicast',
    );
    expect(ways).toMatchObject([{ table: 7401, gateway: 'fe80::1', source: '2001:db8::2' }]);
  });

  it('leaves the addresses of PPP to pppd', () => {
    const ppp: WantedLink = {
      ...qmi,
      interface: 'ppp0',
      owns: [],
      addresses: [{ address: '10.64.0.2', prefixLength: 32 }],
      gateways: { 4: null },
      mtu: null,
    };
    const real = { ...bare, interface: 'ppp0', up: true, addresses: ppp.addresses };
    const steps = planHostNetwork(ppp, real);
    expect(steps.some((step) => 'address' in step)).toBe(false);
    expect(routesOf(steps)).toContainEqual(expect.objectContaining({ table: 254, interface: 'ppp0', gateway: null, source: '10.64.0.2' }));
  });

  it('is withdrawn so that what is bound to it fails rather than leaves by another uplink', () => {
    const after = kernelAfter(bare, planHostNetwork(qmi, bare));
    const gone = kernelAfter(after, planWithdrawal(1, after, [4, 6]));
    expect(gone.addresses).toEqual([]);
    expect(gone.routes.every(({ kind }) => kind === 'unreachable')).toBe(true);
    expect(gone.rules).toEqual(after.rules);
    expect(gone.resolvers).toEqual([]);
    expect(planWithdrawal(1, gone, [4, 6])).toEqual([]);
  });

  it('comes to rest from whatever was there before', () => {
    const slots = fc.nat({ max: 7 });
    const addresses = fc.uniqueArray(fc.record({ address: fc.ipV4(), prefixLength: fc.integer({ min: 1, max: 32 }) }), {
      maxLength: 3,
      selector: ({ address }) => address,
    });
    const links = fc.record({
      slot: slots,
      interface: fc.constant('wwan0'),
      addresses,
      owns: fc.constantFrom<WantedLink['owns']>([4, 6], [4], []),
      gateways: fc.constantFrom<WantedLink['gateways']>({}, { 4: null }, { 4: '10.0.0.1' }, { 4: '10.0.0.1', 6: 'fe80::1' }),
      resolvers: fc.constantFrom<readonly string[]>([], ['10.0.0.1']),
      mtu: fc.constantFrom(null, 1430),
    });
    fc.assert(
      fc.property(links, links, fc.constantFrom<readonly string[]>([], ['fe80::2']), (before, wanted, routers) => {
        const slot = wanted.slot;
        const start = { ...bare, routers };
        const real = kernelAfter(start, planHostNetwork({ ...before, slot }, start));
        expect(planHostNetwork(wanted, kernelAfter(real, planHostNetwork(wanted, real)))).toEqual([]);
      }),
    );
  });
});

describe('the network of an address', () => {
  it.each([
    ['192.168.225.30', 24, '192.168.225.0/24'],
    ['10.64.0.6', 30, '10.64.0.4/30'],
    ['100.127.255.255', 10, '100.64.0.0/10'],
    ['1.2.3.4', 32, '1.2.3.4/32'],
  ])('%s/%i lies in %s', (address, prefixLength, network) => {
    expect(networkOf({ address, prefixLength })).toBe(network);
  });
});
