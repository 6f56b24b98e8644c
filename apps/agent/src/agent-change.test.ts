import { describe, expect, it } from 'vitest';
import { createWorld, documentOf, imsi, rule, type World } from './testing/world.ts';

const minutes = (count: number) => count * 60_000;
const lastState = ({ controlPlane }: World) => controlPlane.states().at(-1);
const events = ({ controlPlane }: World) => controlPlane.events().flatMap(({ events: told }) => told);
const codes = (world: World) => events(world).map(({ code }) => code);
const announces = ({ controlPlane }: World) => controlPlane.received.filter(({ channel }) => channel === 'announce').length;
const apnOf = ({ agent }: World) => agent.views()[0]?.observed.context?.apn;

/** A gateway whose `fleet.south` was confirmed. */
async function settled(): Promise<World> {
  const world = createWorld();
  world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
  await world.agent.start();
  await world.clock.advance(minutes(4));
  expect(lastState(world)).toMatchObject({ target: { status: 'applied' } });
  return world;
}

describe('a change of APN', () => {
  it('is applied once the control plane has said yes to it, and not before', async () => {
    const world = await settled();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(2));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'applying' },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.north' } }],
    });
    const asked = announces(world);
    expect(asked).toBeGreaterThan(1);
    world.controlPlane.confirms = true;
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
    expect(codes(world)).toContain('change.committed');
    const answered = announces(world);
    await world.clock.advance(minutes(60));
    expect(announces(world)).toBe(answered);
    await world.halt();
  });

  it('is announced with the bearer of the look that proved it', async () => {
    const world = createWorld({ config: { bootstrap: { apn: 'fleet.south' } } });
    await world.agent.start();
    await world.clock.advance(minutes(2));
    world.controlPlane.assign(documentOf(rule('fleet.north')), 1);
    await world.clock.advance(minutes(4));
    const [asked, ...again] = world.controlPlane.received.filter(({ channel }) => channel === 'announce');
    expect(asked?.message).toMatchObject({ bearer: { requestedApn: 'fleet.north' } });
    expect(again).toEqual([]);
    await world.halt();
  });

  it('that the network refuses goes back to what was known good, with the reason of the modem', async () => {
    const world = await settled();
    world.controlPlane.assign(documentOf(rule('fleet.other')), 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted' },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south' }, fault: { code: 'apn.not-subscribed' } }],
    });
    const told = events(world).find(({ code }) => code === 'change.reverted');
    expect(told?.evidence.join('\n')).toMatch(/apn.not-subscribed/);
    await world.halt();
  });

  it('that was given up is not tried again, by a restarted process neither; a newer target is', async () => {
    const world = await settled();
    world.controlPlane.assign(documentOf(rule('fleet.other')), 2);
    await world.clock.advance(minutes(4));
    await world.halt();
    // Nobody says whether changes are confirmed: the known good may be the only way to hear it.
    world.controlPlane.reachable = false;
    const again = world.again({ bootId: 'boot-2' });
    await again.start();
    await world.clock.advance(minutes(60));
    world.controlPlane.reachable = true;
    expect(again.views()[0]).toMatchObject({ decision: { connection: 'verified' }, observed: { context: { apn: 'fleet.south' } } });
    await world.clock.advance(minutes(3));
    world.controlPlane.assign(documentOf(rule('fleet.north')), 3);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 3 }, status: 'applied' } });
    await world.halt(again);
  });

  it('that nobody confirms is held for a while, taken back, tried once more after a pause, and then given up', async () => {
    const world = await settled();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(4));
    expect(apnOf(world)).toBe('fleet.north');
    await world.clock.advance(minutes(30));
    expect(
      codes(world)
        .filter((code) => code.startsWith('change.'))
        .slice(1),
    ).toEqual(['change.inconclusive']);
    await world.clock.advance(minutes(60));
    expect(
      codes(world)
        .filter((code) => code.startsWith('change.'))
        .slice(1),
    ).toEqual(['change.inconclusive', 'change.reverted']);
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted' },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south' }, fault: { code: 'transaction.unconfirmed' } }],
    });
    await world.halt();
  });

  it.each([20, 22, 24, 26, 28, 30, 60])('is not given up because the control plane was away for %d minutes', async (away) => {
    const world = await settled();
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(1_000);
    world.controlPlane.reachable = false;
    world.controlPlane.cut();
    await world.clock.advance(minutes(away));
    world.controlPlane.reachable = true;
    await world.clock.advance(minutes(40));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'applied' },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.north' } }],
    });
    expect(codes(world)).not.toContain('change.reverted');
    await world.halt();
  });

  it('is taken back by a host that restarts in the middle of it, and goes on where only the process did', async () => {
    for (const [bootId, apn] of [
      ['boot-1', 'fleet.north'],
      ['boot-2', 'fleet.south'],
    ] as const) {
      const world = await settled();
      world.controlPlane.confirms = false;
      world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
      await world.clock.advance(minutes(2));
      await world.halt();
      world.controlPlane.confirms = true;
      const again = world.again({ bootId });
      await again.start();
      await world.clock.advance(minutes(6));
      expect(again.views()[0]?.observed.context?.apn).toBe(apn);
      expect(codes(world)).toContain(bootId === 'boot-1' ? 'change.committed' : 'change.reverted');
      await world.halt(again);
    }
  });

  it('comes back by the new configuration where the operator has shut the known good meanwhile', async () => {
    const world = await settled();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(4));
    world.network.shutAccessPoint('fleet.south');
    await world.clock.advance(minutes(30));
    world.controlPlane.confirms = true;
    await world.clock.advance(minutes(60));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'applied' },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.north' } }],
    });
    await world.halt();
  });

  it('gives way to a newer target, with the same known good behind it', async () => {
    const world = await settled();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(2));
    world.controlPlane.confirms = true;
    world.controlPlane.assign(documentOf(rule('fleet.other')), 3);
    await world.clock.advance(minutes(6));
    expect(codes(world)).toContain('change.superseded');
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 3 }, status: 'reverted' },
      modems: [{ bearer: { requestedApn: 'fleet.south' } }],
    });
    await world.halt();
  });

  it('is not what re-establishing is: a bearer that the network lets go is redialled without a journal', async () => {
    const world = await settled();
    const before = world.writes();
    world.network.release(imsi);
    await world.clock.advance(minutes(3));
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' }, modems: [{ connection: 'verified' }] });
    expect(announces(world)).toBe(1);
    expect(world.writes() - before).toBeLessThanOrEqual(4);
    await world.halt();
  });
});
