import { describe, expect, it } from 'vitest';
import type { Transport } from './runtime/ports.ts';
import { codesOf, eventsOf, lastState, minutes, settledWorld } from './testing/change-worlds.ts';
import { documentOf, imsi, rule, type World, type WorldOptions } from './testing/world.ts';

/** A gateway whose `fleet.south` was confirmed, and how often its modem was looked at. */
async function watched(transport?: (transport: Transport) => Transport) {
  let looks = 0;
  const driver: NonNullable<WorldOptions['broken']>['driver'] = (inner) => ({
    ...inner,
    readSim() {
      looks += 1;
      return inner.readSim();
    },
  });
  const world = await settledWorld({ broken: { driver, ...(transport ? { transport } : {}) } });
  const since = looks;
  return { world, looks: () => looks - since };
}

/** Something happens when a change is announced, before the answer can come. */
const whenAnnounced =
  (happen: () => void) =>
  (inner: Transport): Transport => ({
    async connect(request) {
      const session = await inner.connect(request);
      const publish = (topic: string, payload: string) => {
        if (topic.endsWith('/announce')) happen();
        return session.publish(topic, payload);
      };
      return { ...session, publish };
    },
  });

describe('a change', () => {
  it('is looked at once for each thing that happens, neither for each line that tells of it nor for the yes', async () => {
    const { world, looks } = await watched();
    const from = world.logged.length;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(30_000);
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
    const decided = world.logged.slice(from).filter(({ event }) => event === 'modem.decided');
    // The target came; it searches; it is registered; it is dialled, and announced; the yes came.
    const connections = ['connected', 'sim-ready', 'registered', 'verified', 'verified'];
    expect(decided.map(({ fields }) => fields)).toMatchObject(connections.map((connection) => ({ connection })));
    expect(looks()).toBe(4);
    await world.halt();
  });

  it('does not put off the look that was due when its yes came', async () => {
    const announced: number[] = [];
    const { world, looks } = await watched(whenAnnounced(() => void announced.push(world.clock.monotonicMs())));
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    const before = announced.length;
    for (let waited = 0; announced.length === before && waited < 60; waited += 1) await world.clock.advance(1_000);
    const looked = looks();
    const dueMs = (announced.at(-1) ?? 0) + minutes(1);
    await world.clock.advance(dueMs - 5_000 - world.clock.monotonicMs());
    world.controlPlane.confirms = true;
    await world.clock.advance(dueMs + 1_000 - world.clock.monotonicMs());
    expect(looks()).toBe(looked + 1);
    await world.halt();
  });

  it('whose bearer goes down while its yes is on the way is seen to have none, and is dialled again', async () => {
    let losses = 0;
    const { world } = await watched(
      whenAnnounced(() => {
        losses += 1;
        world.network.release(imsi);
      }),
    );
    const before = losses;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(4));
    expect(losses).toBe(before + 1);
    expect(codesOf(world).slice(-4)).toEqual(['change.committed', 'bearer.no-carrier', 'bearer.down', 'bearer.up']);
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' }, modems: [{ connection: 'verified' }] });
    await world.halt();
  });
});

/** How the target stood in each report that came within a time, and in which second of it that came. */
async function toldOf(world: World, withinS: number) {
  const told: { readonly s: number; readonly status: string | undefined }[] = [];
  for (let s = 1; s <= withinS; s += 1) {
    const before = world.controlPlane.states().length;
    await world.clock.advance(1_000);
    for (const { target } of world.controlPlane.states().slice(before)) told.push({ s, status: target?.status });
  }
  return told;
}

describe('what is told of a change', () => {
  it('is how it stands after five seconds, and its end at once', async () => {
    const world = await settledWorld();
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    expect(await toldOf(world, 30)).toEqual([
      { s: 5, status: 'applying' },
      { s: 7, status: 'applied' },
    ]);
    expect(eventsOf(world).at(-1)).toMatchObject({ code: 'change.committed' });
    await world.halt();
  });

  it('is its end alone where it takes less, and no newer target puts that off', async () => {
    const world = await settledWorld();
    const byAnotherName = (version: number) =>
      world.controlPlane.assign(documentOf(rule('fleet.south', { profileRef: `south@${version}` })), version);
    byAnotherName(2);
    await world.clock.advance(500);
    byAnotherName(3);
    expect(await toldOf(world, 30)).toEqual([{ s: 1, status: 'applied' }]);
    await world.halt();
  });
});
