import { describe, expect, it } from 'vitest';
import { codesOf, eventsOf, lastState, minutes, settledOnHost, stepsOf } from './testing/change-worlds.ts';
import { documentOf, rule, type World } from './testing/world.ts';

const views = (world: World, agent = world.agent) => agent.views()[0];
const pauseOf = (world: World) => lastState(world)?.target?.pause;
/** The pause runs, as the device says. */
const hasBegun = (world: World) => (pauseOf(world)?.until ?? null) !== null;
const triesOf = (world: World) => codesOf(world).filter((code) => code === 'change.inconclusive').length;

async function until(world: World, holds: () => boolean, withinMinutes: number): Promise<number> {
  for (let minute = 0; minute < withinMinutes; minute += 1) {
    if (holds()) return minute;
    await world.clock.advance(minutes(1));
  }
  expect(holds()).toBe(true);
  return withinMinutes;
}

/** A gateway whose only way out is its bearer; over `fleet.north` others answer, the control plane does not. */
async function walledOff() {
  const { world } = await settledOnHost({ mqttOver: 'bearer-first' });
  const wall = { stands: true };
  const isBehind = () => wall.stands && views(world)?.observed.context?.apn === 'fleet.north';
  world.controlPlane.admits = ({ path }) => path !== undefined && !isBehind();
  world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
  await world.clock.advance(minutes(1));
  world.controlPlane.cut();
  return { world, wall };
}

/** The same, in the pause after its first try. */
async function pausing() {
  const walled = await walledOff();
  await until(walled.world, () => hasBegun(walled.world), 60);
  return walled;
}

describe('a change that went back without a verdict', () => {
  it('leaves the gateway on its known good, reachable over it, and says how long and how often it will be tried yet', async () => {
    const { world } = await pausing();
    expect(lastState(world)).toMatchObject({
      target: {
        version: { number: 2 },
        status: 'applying',
        change: null,
        fault: { code: 'transaction.unconfirmed' },
        pause: { triesLeft: 2 },
      },
    });
    const writes = world.writes();
    const steps = stepsOf(world).filter((step) => step !== 'probe-bearer').length;
    const states = world.controlPlane.states().length;
    for (let minute = 0; minute < 9; minute += 1) {
      await world.clock.advance(minutes(1));
      expect(world.controlPlane.online).toBe(true);
      expect(views(world)).toMatchObject({ decision: { connection: 'verified' }, observed: { context: { apn: 'fleet.south' } } });
    }
    expect(world.writes()).toBe(writes);
    expect(stepsOf(world).filter((step) => step !== 'probe-bearer')).toHaveLength(steps);
    expect(world.controlPlane.states().length - states).toBeLessThan(4);
    await world.halt();
  });

  it('is tried again after the pause, and applied where the control plane can be met by then', async () => {
    const { world, wall } = await pausing();
    wall.stands = false;
    const waited = await until(world, () => lastState(world)?.target?.status === 'applied', 30);
    expect(waited).toBeGreaterThan(9);
    expect(pauseOf(world)).toBeUndefined();
    expect(views(world)?.observed.context?.apn).toBe('fleet.north');
    await world.halt();
  });

  it('is given up after its next try where the control plane was met over the known good both times', async () => {
    const { world } = await pausing();
    await until(world, () => views(world)?.observed.context?.apn === 'fleet.north', 30);
    world.controlPlane.cut();
    await until(world, () => lastState(world)?.target?.status === 'reverted', 90);
    expect(triesOf(world)).toBe(1);
    expect(pauseOf(world)).toBeUndefined();
    expect(views(world)?.observed.context?.apn).toBe('fleet.south');
    await world.halt();
  });

  it('gives way at once to a newer target, in the pause too', async () => {
    const { world } = await pausing();
    world.controlPlane.assign(documentOf(rule('fleet.south')), 3);
    await world.clock.advance(minutes(1));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 3 }, status: 'applied', fault: null } });
    expect(pauseOf(world)).toBeUndefined();
    await world.halt();
  });

  it('is tried at once for a newer target that wants the same', async () => {
    const { world, wall } = await pausing();
    wall.stands = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 3);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 3 }, status: 'applied' } });
    await world.halt();
  });

  it('is tried at once when a person orders the modem dialled', async () => {
    const { world, wall } = await pausing();
    wall.stands = false;
    world.controlPlane.order({ action: 'start', id: '00000000-0000-4000-8000-000000000001', ttlS: 600, order: { kind: 'dial' } });
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
    await world.halt();
  });

  it('waits anew after a restart in the pause, with the tries that it had left, and is tried then', async () => {
    const { world, wall } = await pausing();
    await world.clock.advance(minutes(9));
    await world.halt();
    wall.stands = false;
    const again = world.again({ bootId: 'boot-2' });
    await again.start();
    const told = world.controlPlane.states().length;
    for (let minute = 0; minute < 10; minute += 1) {
      await world.clock.advance(minutes(1));
      expect(views(world, again)?.observed.context?.apn ?? 'fleet.south').toBe('fleet.south');
    }
    expect(world.controlPlane.online).toBe(true);
    expect(world.controlPlane.states().length).toBeGreaterThan(told);
    expect(pauseOf(world)).toMatchObject({ triesLeft: 2 });
    await until(world, () => lastState(world)?.target?.status === 'applied', 20);
    expect(eventsOf(world).map(({ code }) => code)).not.toContain('change.reverted');
    await world.halt(again);
  });

  it('waits longer before its third try than before its second', async () => {
    const { world } = await settledOnHost();
    world.controlPlane.admits = ({ clientId }) => !clientId.includes('~');
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    const waits: number[] = [];
    for (const tries of [1, 2]) {
      await until(world, () => triesOf(world) === tries && hasBegun(world), 120);
      expect(pauseOf(world)?.triesLeft).toBe(3 - tries);
      waits.push(await until(world, () => (lastState(world)?.target?.change ?? null) !== null, 120));
    }
    const [second = 0, third = 0] = waits;
    expect(second).toBeGreaterThan(9);
    expect(second).toBeLessThan(21);
    expect(third).toBeGreaterThan(42);
    expect(third).toBeLessThan(78);
    await world.halt();
  });
});
