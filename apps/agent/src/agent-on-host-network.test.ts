import type { ModemNotice, SwitchableModemDriver } from '@towline/modem';
import { describe, expect, it } from 'vitest';
import type { AgentConfigInput } from './config/agent-config.ts';
import { fakeHost } from './testing/fake-host.ts';
import { ec200aEcm } from './testing/usb-trees.ts';
import { createWorld, documentOf, fakeBus, rule, type World } from './testing/world.ts';

const minutes = (count: number) => count * 60_000;
const modemOf = ({ controlPlane }: World) => controlPlane.states().at(-1)?.modems[0];
const stepsOf = ({ logged }: World) => logged.flatMap(({ fields }) => ('step' in fields ? [String(fields.step)] : []));
const eventCodes = ({ controlPlane }: World) => controlPlane.events().flatMap(({ events }) => events.map(({ code }) => code));

async function started(prepare: (host: ReturnType<typeof fakeHost>) => void = () => {}, config: Partial<AgentConfigInput> = {}) {
  const host = fakeHost();
  const usb = fakeBus();
  usb.plug(ec200aEcm);
  prepare(host);
  const world = createWorld({ usb, host, config: { modems: undefined, ...config } });
  world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
  await world.agent.start();
  await world.clock.advance(minutes(4));
  return { world, host, usb };
}

const defaultRoutes = (host: ReturnType<typeof fakeHost>) =>
  host.kernel().routes.filter(({ destination, kind, table }) => destination === 'default' && kind === 'unicast' && table === 254);

describe('an agent with a modem that gives the host a network', () => {
  it('leases an address, sets up the way out behind other uplinks, and probes before it calls the link verified', async () => {
    const { world, host } = await started();
    expect(modemOf(world)).toMatchObject({ connection: 'verified', fault: null });
    expect(stepsOf(world).slice(-4)).toEqual(['dial', 'lease-address', 'configure-host', 'probe-bearer']);
    expect(host.kernel()).toMatchObject({ up: true, mtu: 1430, reverseFilter: 2, resolvers: ['192.168.225.1'] });
    expect(defaultRoutes(host)).toMatchObject([{ gateway: '192.168.225.1', metric: 4000 }]);
    expect(host.probes[0]).toMatchObject({
      interface: 'usb0',
      ports: { first: 61_000, last: 61_055 },
      gateways: ['192.168.225.1'],
      endpoint: { host: 'broker.test', port: 1883 },
    });
    await world.halt();
  });

  it('asks the probe again every five minutes, and the DHCP server at half the lease, without saying that the link was down', async () => {
    const { world, host } = await started();
    await world.clock.advance(minutes(32));
    expect(host.probes.length).toBeGreaterThanOrEqual(7);
    expect(host.probes.length).toBeLessThanOrEqual(9);
    expect(host.leases()).toBe(2);
    expect(eventCodes(world)).not.toContain('bearer.down');
    await world.halt();
  });

  it('keeps a link that works while a busy host does not say how its network stands, but not for ever', async () => {
    const { world, host } = await started();
    host.missLooks(3);
    await world.clock.advance(minutes(10));
    expect(modemOf(world)).toMatchObject({ connection: 'verified' });
    expect(eventCodes(world)).not.toContain('bearer.down');
    expect(stepsOf(world)).not.toContain('hang-up');
    host.missLooks(1_000);
    await world.clock.advance(minutes(10));
    expect(modemOf(world)?.fault?.code).toBe('bearer.no-address');
    await world.halt();
  });

  it('gives a link that was verified as long as a new one to show its network again', async () => {
    const { world, host } = await started();
    host.missLooks(10);
    await world.clock.advance(minutes(10));
    expect(stepsOf(world)).not.toContain('hang-up');
    expect(modemOf(world)).toMatchObject({ connection: 'verified', fault: null });
    await world.halt();
  });

  it('sets the metric of routers on an interface before anything comes over it', async () => {
    const host = fakeHost();
    const usb = fakeBus();
    usb.plug(ec200aEcm);
    let tell: (notice: ModemNotice) => void = () => {};
    const atDial: (number | null)[] = [];
    const driver = (real: SwitchableModemDriver): SwitchableModemDriver => ({
      ...real,
      dial(request) {
        atDial.push(host.kernel().routerMetric);
        return real.dial(request);
      },
      onNotice(listen) {
        tell = listen;
        return real.onNotice(listen);
      },
    });
    const world = createWorld({ usb, host, config: { modems: undefined }, broken: { driver } });
    world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
    await world.agent.start();
    await world.clock.advance(minutes(4));
    expect(atDial).toEqual([4_000]);
    tell({ kind: 'interface-made', interface: 'ppp0' });
    expect(host.applied).toContainEqual({ do: 'set-router-metric', interface: 'ppp0', metric: 4_000 });
    await world.halt();
  });

  it('keeps a lease that cannot be renewed for as long as it lasts', async () => {
    const { world, host } = await started();
    host.serveDhcp(false);
    await world.clock.advance(minutes(50));
    expect(modemOf(world)).toMatchObject({ connection: 'verified' });
    await world.clock.advance(minutes(20));
    expect(modemOf(world)?.fault?.code).toBe('bearer.no-dhcp');
    await world.halt();
  });

  it('says once that IPv6 is off where the rule asks for it, and goes on with IPv4', async () => {
    const host = fakeHost();
    const usb = fakeBus();
    usb.plug(ec200aEcm);
    host.turnIpv6Off();
    const world = createWorld({ usb, host, config: { modems: undefined } });
    const { profile } = rule('fleet.south');
    world.controlPlane.assign(documentOf(rule('fleet.south', { profile: { ...profile, ipType: 'ipv4v6' } })), 1);
    await world.agent.start();
    await world.clock.advance(minutes(20));
    expect(modemOf(world)).toMatchObject({ connection: 'verified', fault: null });
    expect(eventCodes(world).filter((code) => code.startsWith('host.'))).toEqual(['host.ipv6-off']);
    await world.halt();
  });

  it('asks twice for a lease that does not come, then dials anew, and names it', async () => {
    const { world } = await started((host) => host.serveDhcp(false));
    expect(modemOf(world)).toMatchObject({ fault: { code: 'bearer.no-dhcp' } });
    const steps = stepsOf(world).filter((step) => step === 'dial' || step === 'lease-address' || step === 'hang-up');
    expect(steps.slice(0, 5)).toEqual(['dial', 'lease-address', 'lease-address', 'hang-up', 'dial']);
    await world.halt();
  });

  it('suspects a link over which nothing comes back: address anew, then dialled anew', async () => {
    const { world, host } = await started();
    host.carryTraffic(false);
    await world.clock.advance(minutes(7));
    expect(eventCodes(world)).toContain('bearer.no-traffic');
    const steps = stepsOf(world);
    const trouble = steps.slice(steps.lastIndexOf('probe-bearer', steps.indexOf('hang-up')) - 1, steps.indexOf('hang-up') + 1);
    expect(trouble).toEqual(['lease-address', 'probe-bearer', 'hang-up']);
    host.carryTraffic(true);
    await world.clock.advance(minutes(10));
    expect(modemOf(world)).toMatchObject({ connection: 'verified', fault: null });
    await world.halt();
  });

  it('takes a bearer that went down out of the network, and leaves the end of its table', async () => {
    const { world, host } = await started();
    host.serveDhcp(false);
    world.controlPlane.order({
      action: 'start',
      id: '00000000-0000-4000-8000-000000000001',
      ttlS: 60,
      order: { kind: 'hang-up', redialAfterS: 600 },
    });
    await world.clock.advance(minutes(2));
    expect(defaultRoutes(host)).toEqual([]);
    expect(host.kernel()).toMatchObject({ addresses: [], resolvers: [] });
    expect(host.kernel().routes.map(({ kind }) => kind)).toEqual(['unreachable', 'unreachable']);
    await world.halt();
  });

  it('leaves no resolvers of a modem that was torn out', async () => {
    const { world, host, usb } = await started();
    expect(host.kernel().resolvers).toEqual(['192.168.225.1']);
    usb.plug();
    await world.clock.advance(minutes(2));
    expect(host.kernel().resolvers).toEqual([]);
    await world.halt();
  });

  describe('whose session is to leave by a bearer', () => {
    const overBearer = { mqttOver: 'bearer', mqttUrl: 'mqtt://fleet.test' } as const;

    /** Up by a target that it held before: without one it would wait for a bearer that nobody dials. */
    async function restarted() {
      const { world, host } = await started();
      await world.halt();
      const usb = fakeBus();
      usb.plug(ec200aEcm);
      const next = createWorld({ usb, host, store: world.store, config: { modems: undefined, ...overBearer } });
      return { world: next, host };
    }

    it('connects once the bearer is verified, from its ports, and asks its resolvers for names', async () => {
      const { world } = await restarted();
      await world.agent.start();
      await world.clock.advance(1_000);
      expect(world.controlPlane.sessions).toEqual([]);
      await world.clock.advance(minutes(4));
      expect(world.controlPlane.sessions).toMatchObject([
        { path: { bearer: 'usb0 192.168.225.30', ports: { first: 61_056, last: 61_063 }, resolvers: ['192.168.225.1'] } },
      ]);
      await world.halt();
    });

    it('moves over to a bearer once there is one, where that comes first', async () => {
      const { world } = await started(undefined, { mqttOver: 'bearer-first' });
      const own = world.controlPlane.sessions.filter(({ clientId }) => !clientId.includes('~'));
      expect(own.map(({ path }) => path?.bearer ?? 'any')).toEqual(['any', 'usb0 192.168.225.30']);
      await world.halt();
    });

    it('does not take a link down that the session hears something over, though no probe comes back', async () => {
      const { world, host } = await restarted();
      await world.agent.start();
      await world.clock.advance(minutes(4));
      host.carryTraffic(false);
      for (let minute = 0; minute < 10; minute += 1) {
        world.controlPlane.ping();
        await world.clock.advance(minutes(1));
      }
      expect(world.controlPlane.sessions).toHaveLength(1);
      expect(modemOf(world)).toMatchObject({ connection: 'verified' });
      await world.clock.advance(minutes(3));
      expect(world.agent.views()[0]?.decision.fault?.code).toBe('bearer.no-traffic');
      await world.halt();
    });

    it('does not take a link down that the session is heard over, though the host never says how its network stands', async () => {
      const { world, host } = await restarted();
      await world.agent.start();
      await world.clock.advance(minutes(4));
      host.missLooks(10_000);
      for (let minute = 0; minute < 20; minute += 1) {
        world.controlPlane.ping();
        await world.clock.advance(minutes(1));
      }
      expect(stepsOf(world)).not.toContain('hang-up');
      expect(world.controlPlane.sessions).toHaveLength(1);
      await world.clock.advance(minutes(7));
      expect(stepsOf(world)).toContain('hang-up');
      await world.halt();
    });

    it('ends the session with the bearer, and connects again over the next one', async () => {
      const { world, host } = await restarted();
      await world.agent.start();
      await world.clock.advance(minutes(4));
      host.carryTraffic(false);
      await world.clock.advance(minutes(6));
      expect(world.controlPlane.sessions).toHaveLength(1);
      host.carryTraffic(true);
      await world.clock.advance(minutes(6));
      expect(world.controlPlane.sessions).toHaveLength(2);
      await world.halt();
    });
  });
});
