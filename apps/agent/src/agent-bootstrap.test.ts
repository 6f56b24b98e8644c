import { simulatedSim } from '@towline/simulator';
import { describe, expect, it } from 'vitest';
import { memoryStore } from './adapters/memory-store.ts';
import type { AgentConfigInput } from './config/agent-config.ts';
import { fakeHost } from './testing/fake-host.ts';
import { ec200aEcm } from './testing/usb-trees.ts';
import { createWorld, documentOf, fakeBus, iccid, imsi, rule, type World, type WorldOptions } from './testing/world.ts';

const minutes = (count: number) => count * 60_000;
const modemOf = ({ controlPlane }: World) => controlPlane.states().at(-1)?.modems[0];
const dials = ({ logged }: World) => logged.filter(({ fields }) => 'step' in fields && fields.step === 'dial').length;

/** A gateway fresh from the workshop whose only uplink is its modem. */
async function shipped(config: Partial<AgentConfigInput>, options: Pick<WorldOptions, 'sim'> = {}): Promise<World> {
  const usb = fakeBus();
  usb.plug(ec200aEcm);
  const world = createWorld({ ...options, usb, host: fakeHost(), config: { modems: undefined, mqttOver: 'bearer', ...config } });
  world.controlPlane.enrolsOver = 'bearer';
  await world.agent.start();
  await world.clock.advance(minutes(3));
  return world;
}

describe('a gateway that has nothing but its modem', () => {
  it('dials as its own configuration says, enrols over that bearer, and then does what its target says', async () => {
    const world = await shipped({ bootstrap: { apn: 'fleet.north' } });
    expect(world.controlPlane.enrolments).toHaveLength(1);
    expect(modemOf(world)).toMatchObject({ connection: 'verified', profileRef: 'bootstrap@1', bearer: { apn: 'fleet.north' } });
    expect(world.controlPlane.sessions.every(({ path }) => path !== undefined)).toBe(true);
    world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
    await world.clock.advance(minutes(6));
    expect(modemOf(world)).toMatchObject({ connection: 'verified', profileRef: 'fleet.south@1', bearer: { apn: 'fleet.south' } });
    await world.halt();
  });

  it('goes back to it when what its first target says does not work', async () => {
    const world = await shipped({ bootstrap: { apn: 'fleet.north' } });
    world.controlPlane.assign(documentOf(rule('fleet.other')), 1);
    await world.clock.advance(minutes(20));
    expect(modemOf(world)).toMatchObject({ connection: 'verified', bearer: { apn: 'fleet.north' } });
    expect(world.controlPlane.states().at(-1)?.target).toMatchObject({ status: 'reverted' });
    await world.halt();
  });

  it('unlocks its card with the PIN that came with it', async () => {
    const sim = simulatedSim({ iccid, imsi, pin: '4711' });
    const world = await shipped({ bootstrap: { apn: 'fleet.north', pin: '4711' } }, { sim });
    expect(world.controlPlane.enrolments).toHaveLength(1);
    expect(sim.wrongTries()).toBe(0);
    await world.halt();
  });

  it.each(['any', 'bearer'] as const)('enrols over a bearer that is up with another APN, and leaves it as it is: %s', async (mqttOver) => {
    const config: Partial<AgentConfigInput> = { modems: undefined, bootstrap: { apn: 'fleet.north' }, mqttOver };
    const store = memoryStore();
    const usb = fakeBus();
    usb.plug(ec200aEcm);
    const world = createWorld({ usb, host: fakeHost(), store, config });
    world.controlPlane.enrolsOver = mqttOver;
    await world.agent.start();
    await world.clock.advance(minutes(3));
    await world.halt();
    store.texts.clear();
    const before = { dials: dials(world), sessions: world.controlPlane.sessions.length };
    config.bootstrap = { apn: 'fleet.south' };
    const next = world.again();
    await next.start();
    await world.clock.advance(minutes(5));
    expect(world.controlPlane.enrolments).toHaveLength(2);
    expect(world.controlPlane.sessions.length).toBeGreaterThan(before.sessions);
    expect(dials(world)).toBe(before.dials);
    expect(modemOf(world)).toMatchObject({ bearer: { apn: 'fleet.north' } });
    await world.halt(next);
  });

  it('dials nothing where its configuration does not say what', async () => {
    const world = await shipped({});
    expect(dials(world)).toBe(0);
    expect(world.controlPlane.enrolments).toEqual([]);
    await world.halt();
  });
});
