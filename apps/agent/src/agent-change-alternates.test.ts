import { describe, expect, it } from 'vitest';
import { memoryStore } from './adapters/memory-store.ts';
import { announcesOf, codesOf, lastState, minutes, settledWorld } from './testing/change-worlds.ts';
import { createWorld, documentOf, rule, type World } from './testing/world.ts';

const bootstrap = { apn: 'fleet.north' } as const;
const apnOf = ({ agent }: World) => agent.views()[0]?.observed.context?.apn;
const hours = (count: number) => minutes(count * 60);

/** The APNs that were dialled, in turn, with the minute at which each began. */
async function dialled(world: World, forMinutes: number): Promise<readonly { readonly apn: string; readonly minute: number }[]> {
  const seen: { apn: string; minute: number }[] = [];
  for (let minute = 0; minute < forMinutes; minute += 1) {
    await world.clock.advance(minutes(1));
    const apn = apnOf(world);
    if (apn !== undefined && seen.at(-1)?.apn !== apn) seen.push({ apn, minute });
  }
  return seen;
}

describe('a way back on which nothing works', () => {
  it('goes round the known good, the target, what was confirmed before and the bootstrap profile, ever more slowly, until one does', async () => {
    const world = await settledWorld({ config: { bootstrap: { apn: 'fleet.boot' } } });
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(5));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
    world.controlPlane.assign(documentOf(rule('fleet.other')), 3);
    for (const name of ['fleet.north', 'fleet.south']) world.network.shutAccessPoint(name);
    const turns = await dialled(world, 12 * 60);
    const order = turns.map(({ apn }) => apn);
    const known = order.indexOf('fleet.north');
    expect(order.slice(known, known + 6)).toEqual([
      'fleet.north',
      'fleet.other',
      'fleet.north',
      'fleet.south',
      'fleet.north',
      'fleet.boot',
    ]);
    const lengths = turns.slice(1).map(({ minute }, index) => minute - (turns[index]?.minute ?? 0));
    expect(lengths.at(-1)).toBeGreaterThanOrEqual(55);
    expect(lengths.at(-1)).toBeLessThanOrEqual(65);
    world.network.putAccessPoint({ name: 'fleet.south', ipTypes: ['ipv4'] });
    await world.clock.advance(hours(9));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 3 }, status: 'reverted' },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south' } }],
    });
    expect(codesOf(world)).toContain('change.reverted');
    await world.halt();
  });
});

describe('a gateway with a bootstrap profile', () => {
  it('dials it before there is any target, and leaves it for the target, which is announced', async () => {
    const world = createWorld({ config: { bootstrap } });
    await world.agent.start();
    await world.clock.advance(minutes(4));
    expect(world.agent.views()[0]).toMatchObject({ decision: { connection: 'verified' }, observed: { context: { apn: 'fleet.north' } } });
    expect(lastState(world)).toMatchObject({ target: null });
    world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
    await world.clock.advance(minutes(4));
    expect(announcesOf(world)).toBe(1);
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 1 }, status: 'applied' },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south' } }],
    });
    await world.halt();
  });

  it('comes back to it from a first target that does not work', async () => {
    const world = createWorld({ config: { bootstrap } });
    await world.agent.start();
    await world.clock.advance(minutes(4));
    world.controlPlane.assign(documentOf(rule('fleet.other')), 1);
    await world.clock.advance(minutes(6));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 1 }, status: 'reverted', fault: { code: 'apn.not-subscribed' } },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.north' } }],
    });
    await world.halt();
  });

  it('leaves another bearer that it finds up alone', async () => {
    const store = memoryStore();
    const world = await settledWorld({ store, config: { bootstrap } });
    await world.halt();
    for (const name of ['target', 'keepsakes']) store.texts.delete(name);
    world.controlPlane.withholdsTarget = true;
    const again = world.again();
    await again.start();
    await world.clock.advance(minutes(3));
    expect(again.views()[0]).toMatchObject({ decision: { connection: 'connected' }, observed: { context: { apn: 'fleet.south' } } });
    await world.halt(again);
  });
});
