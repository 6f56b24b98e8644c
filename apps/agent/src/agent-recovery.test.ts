import type { Behaviour } from '@towline/simulator';
import { describe, expect, it } from 'vitest';
import type { AgentConfigInput } from './config/agent-config.ts';
import { fakeHost } from './testing/fake-host.ts';
import { ec200aEcm } from './testing/usb-trees.ts';
import { createWorld, documentOf, fakeBus, imsi, rule, type World } from './testing/world.ts';

const minutes = (count: number) => count * 60_000;
const hours = (count: number) => minutes(count * 60);
const usbPath = ec200aEcm.path;
const modemOf = ({ controlPlane }: World) => controlPlane.states().at(-1)?.modems[0];
const stepsOf = ({ logged }: World) => logged.flatMap(({ fields }) => ('step' in fields ? [String(fields.step)] : []));
const rungEvents = ({ controlPlane }: World) =>
  controlPlane.events().flatMap(({ events }) => events.flatMap(({ code, evidence }) => (code === 'recovery.rung' ? evidence : [])));

type Configured = Partial<AgentConfigInput>;

/** An agent on USB whose modem was online, until this befell it. */
async function befallen(behaviour: Behaviour, config: Configured = {}) {
  const host = fakeHost();
  const usb = fakeBus();
  usb.plug(ec200aEcm);
  const world = createWorld({ usb, host, config: { modems: [{ id: 'm1', usbPath }], ...config } });
  world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
  await world.agent.start();
  await world.clock.advance(minutes(4));
  expect(modemOf(world)).toMatchObject({ connection: 'verified' });
  const end = world.modem.misbehave(behaviour);
  return { world, host, usb, end };
}

function goAway({ controlPlane }: World): void {
  controlPlane.reachable = false;
  controlPlane.cut();
}

/** Time passes while the broker answers pings. */
async function heardFor(world: World, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= minutes(4)) {
    world.controlPlane.ping();
    await world.clock.advance(Math.min(left, minutes(4)));
  }
}

describe('a modem whose AT port falls silent', () => {
  it('is online again once its USB port was reset', async () => {
    const { world, host, end } = await befallen({ kind: 'silent' });
    host.onReset(end);
    await world.clock.advance(minutes(20));
    expect(host.resets).toEqual([usbPath]);
    expect(host.reloads).toEqual([]);
    expect(modemOf(world)).toMatchObject({ connection: 'verified', fault: null });
    expect(rungEvents(world)).toEqual(['reset-usb: at.timeout']);
    await world.halt();
  });

  it('has its drivers reloaded and then its power cycled, hourly, where the configuration says how', async () => {
    const modems = [{ id: 'm1', usbPath, powerCommand: ['/opt/power-cycle', '3'] satisfies [string, string] }];
    const { world, host, end } = await befallen({ kind: 'silent' }, { modems });
    await world.clock.advance(hours(3));
    expect(host.resets).toEqual([usbPath]);
    expect(host.reloads).toEqual([usbPath]);
    expect(host.ran.filter(([program]) => program === '/opt/power-cycle').length).toBeGreaterThanOrEqual(2);
    expect(host.ran.filter(([program]) => program === '/opt/power-cycle').length).toBeLessThanOrEqual(3);
    end();
    await world.halt();
  });

  it('is left alone while the control plane is heard over it', async () => {
    const { world, host, end } = await befallen({ kind: 'silent' }, { mqttOver: 'bearer-first' });
    await heardFor(world, minutes(30));
    expect(host.resets).toEqual([]);
    end();
    await world.halt();
  });
});

describe('a host that the agent may restart', () => {
  const recovery = { hostReboot: { perDay: 1, afterS: 3_600, command: ['/opt/reboot'] satisfies [string] } };

  it('is restarted when every other rung was in vain and the control plane is silent; the attempt is on flash first', async () => {
    const { world, host, end } = await befallen({ kind: 'silent' }, { recovery });
    await heardFor(world, minutes(70));
    expect(host.ran).not.toContainEqual(['/opt/reboot']);
    goAway(world);
    await world.clock.advance(hours(2));
    expect(host.ran.filter(([program]) => program === '/opt/reboot')).toHaveLength(1);
    expect(await world.store.read('host-reboot')).toContain('boot-1');
    await world.clock.advance(hours(1));
    expect(host.ran.filter(([program]) => program === '/opt/reboot')).toHaveLength(1);
    end();
    await world.halt();
  });

  it('is not restarted when flash is worn out', async () => {
    const { world, host, end } = await befallen({ kind: 'silent' }, { recovery });
    goAway(world);
    world.breakFlash(true);
    await world.clock.advance(hours(3));
    expect(host.ran).not.toContainEqual(['/opt/reboot']);
    end();
    await world.halt();
  });

  it.each([
    ['a network that denies registration', { kind: 'denies-registration' }],
    ['a card without contact', { kind: 'sim-lost' }],
    ['an APN that is not subscribed', { kind: 'refuses-dial', cause: 33 }],
  ] as const)('is not restarted for %s, nor is its USB port reset', async (_name, behaviour) => {
    const { world, host } = await befallen(behaviour, { recovery });
    goAway(world);
    world.network.release(imsi);
    await world.clock.advance(hours(3));
    expect(host.ran).not.toContainEqual(['/opt/reboot']);
    expect(host.resets).toEqual([]);
    await world.halt();
  });

  it('is not restarted where the signal is below the floor', async () => {
    const { world, host } = await befallen({ kind: 'refuses-dial', cause: 31 }, { recovery });
    world.modem.setMeanRsrp(-125);
    world.network.release(imsi);
    goAway(world);
    await world.clock.advance(hours(3));
    expect(host.ran).not.toContainEqual(['/opt/reboot']);
    expect(stepsOf(world)).not.toContain('reset-usb');
    await world.halt();
  });
});
