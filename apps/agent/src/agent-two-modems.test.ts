import { channels } from '@towline/protocol';
import { describe, expect, it } from 'vitest';
import { codesOf, lastState, minutes } from './testing/change-worlds.ts';
import { createWorld, documentOf, iccid, rule, secondIccid, type World } from './testing/world.ts';

const forFirst = (apn: string) => rule(apn, { name: `first ${apn}`, when: { iccidPrefix: [iccid] } });
const forSecond = (apn: string) => rule(apn, { name: `second ${apn}`, when: { iccidPrefix: [secondIccid] } });
const apnOf = ({ agent }: World, id: 'm1' | 'm2') => agent.views().find(({ observed }) => observed.id === id)?.observed.context?.apn;
const statusesOf = ({ controlPlane }: World, number: number) =>
  controlPlane.states().flatMap(({ target }) => (target?.version.number === number ? [target.status] : []));

async function settled(): Promise<World> {
  const world = createWorld({ twoModems: true });
  world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
  await world.agent.start();
  await world.clock.advance(minutes(10));
  expect(lastState(world)).toMatchObject({
    target: { status: 'applied' },
    modems: [{ connection: 'verified' }, { connection: 'verified' }],
  });
  return world;
}

describe('a gateway with two modems', () => {
  it('changes one at a time, and has applied the target when both are confirmed', async () => {
    const world = await settled();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(3));
    expect(new Set([apnOf(world, 'm1'), apnOf(world, 'm2')])).toEqual(new Set(['fleet.north', 'fleet.south']));
    world.controlPlane.confirms = true;
    await world.clock.advance(minutes(15));
    expect([apnOf(world, 'm1'), apnOf(world, 'm2')]).toEqual(['fleet.north', 'fleet.north']);
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
    const statuses = statusesOf(world, 2);
    expect(statuses.slice(0, statuses.indexOf('applied'))).not.toContain('failed');
    // Not before the second one's change was confirmed, too.
    const { received } = world.controlPlane;
    const firstApplied = received.findIndex(({ channel, message }) => channel === 'state' && isApplied(message, 2));
    expect(received.findLastIndex(({ channel }) => channel === 'announce')).toBeLessThan(firstApplied);
    await world.halt();
  });

  it('is held up by no modem that is gone in the middle of its change: the other one is changed, and the target told as failed', async () => {
    const world = await settled();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(3));
    const isFirst = apnOf(world, 'm1') === 'fleet.north';
    (isFirst ? world.modem : world.second).unplug();
    await world.clock.advance(minutes(15));
    world.controlPlane.confirms = true;
    await world.clock.advance(minutes(60));
    expect(apnOf(world, isFirst ? 'm2' : 'm1')).toBe('fleet.north');
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'failed' } });
    expect(statusesOf(world, 2)).not.toContain('applied');
    (isFirst ? world.modem : world.second).plugIn();
    await world.clock.advance(minutes(150));
    expect(world.agent.views().map(({ decision }) => decision.connection)).toEqual(['verified', 'verified']);
    await world.halt();
  });

  it('calls nothing applied whose other modem is not to be found, and says so after half an hour', async () => {
    const world = await settled();
    world.second.unplug();
    await world.clock.advance(minutes(2));
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(20));
    expect(apnOf(world, 'm1')).toBe('fleet.north');
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applying' } });
    await world.clock.advance(minutes(20));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'failed', fault: { code: 'modem.absent' } } });
    world.second.plugIn();
    await world.clock.advance(minutes(20));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied', fault: null } });
    await world.halt();
  });

  it('is not held up by a way back that lasts, either', async () => {
    const world = await settled();
    world.controlPlane.assign(documentOf(forFirst('fleet.other'), forSecond('fleet.south')), 2);
    world.network.shutAccessPoint('fleet.south');
    await world.clock.advance(minutes(20));
    world.controlPlane.assign(documentOf(forFirst('fleet.other'), forSecond('fleet.north')), 3);
    await world.clock.advance(minutes(20));
    expect(apnOf(world, 'm2')).toBe('fleet.north');
    expect(codesOf(world)).toContain('change.committed');
    await world.clock.advance(minutes(40));
    expect(lastState(world)?.target?.status).toBe('failed');
    await world.halt();
  });
});

function isApplied(message: unknown, number: number): boolean {
  const { target } = channels.up.state.schema.parse(message);
  return target?.status === 'applied' && target.version.number === number;
}
