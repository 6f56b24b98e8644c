import { channels, type TargetVersion } from '@towline/protocol';
import { describe, expect, it } from 'vitest';
import type { Transport } from './runtime/ports.ts';
import { lastState, settledWorld, stepsOf } from './testing/change-worlds.ts';
import { documentOf, rule, type World } from './testing/world.ts';

const versionsTold = ({ controlPlane }: World): TargetVersion[] =>
  controlPlane.received.flatMap(({ channel, message }) => (channel === 'held' ? [channels.up.held.schema.parse(message).version] : []));

/** A gateway whose `fleet.south` was confirmed, at a broker that takes its time with the word that a target is held. */
async function atSlowBroker() {
  let take = () => {};
  const transport = (inner: Transport): Transport => ({
    async connect(request) {
      const session = await inner.connect(request);
      const taken = () => new Promise<void>((resolve) => void (take = resolve));
      const publish = async (topic: string, payload: string) => {
        await session.publish(topic, payload);
        if (topic.endsWith('/held')) await taken();
      };
      return { ...session, publish };
    },
  });
  const world = await settledWorld({ broken: { transport } });
  const stepsBefore = stepsOf(world).length;
  return { world, take: () => take(), stepsSince: () => stepsOf(world).slice(stepsBefore) };
}

describe('a gateway that is given a target', () => {
  it('does nothing for it before it has said that it has it', async () => {
    const { world, take, stepsSince } = await atSlowBroker();
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(4_000);
    expect(versionsTold(world).at(-1)).toEqual({ epoch: 1, number: 2 });
    expect(stepsSince()).toEqual([]);
    // What stands is still what the former one wants.
    expect(lastState(world)).toMatchObject({ held: { target: { number: 1 } }, target: { version: { number: 1 }, status: 'applied' } });
    take();
    await world.clock.advance(30_000);
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
    await world.halt();
  });

  it('waits no longer than five seconds for a broker to take that', async () => {
    const { world, stepsSince } = await atSlowBroker();
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(4_900);
    expect(stepsSince()).toEqual([]);
    await world.clock.advance(30_000);
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
    await world.halt();
  });

  it('keeps to the later of two, though the word of the former is taken last', async () => {
    const { world, take } = await atSlowBroker();
    world.controlPlane.assign(documentOf(rule('fleet.spare')), 2);
    await world.clock.advance(100);
    world.controlPlane.assign(documentOf(rule('fleet.north')), 3);
    await world.clock.advance(100);
    expect(versionsTold(world).map(({ number }) => number)).toEqual([1, 2, 3]);
    take();
    await world.clock.advance(60_000);
    expect(lastState(world)).toMatchObject({ held: { target: { number: 3 } }, target: { version: { number: 3 }, status: 'applied' } });
    await world.halt();
  });

  it('keeps to it, on flash too, when it comes again and an earlier one comes late while it is told', async () => {
    const { world, take } = await atSlowBroker();
    const north = documentOf(rule('fleet.north'));
    world.controlPlane.assign(north, 3);
    await world.clock.advance(100);
    world.controlPlane.assign(documentOf(rule('fleet.spare')), 2);
    world.controlPlane.assign(north, 3);
    await world.clock.advance(100);
    expect(versionsTold(world).map(({ number }) => number)).toEqual([1, 3]);
    take();
    await world.clock.advance(60_000);
    await world.halt();
    const restarted = world.again();
    await restarted.start();
    await world.clock.advance(60_000);
    expect(lastState(world)).toMatchObject({ held: { target: { number: 3 } }, target: { version: { number: 3 }, status: 'applied' } });
    await world.halt(restarted);
  });
});
