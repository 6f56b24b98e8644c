import { describe, expect, it } from 'vitest';
import { memoryStore } from './adapters/memory-store.ts';
import { announcesOf, codesOf, eventsOf, lastState, minutes, stepsOf } from './testing/change-worlds.ts';
import { createWorld, documentOf, rule, type World } from './testing/world.ts';

const secret = rule('fleet.secret', {
  profile: { apn: 'fleet.secret', ipType: 'ipv4', auth: 'chap', username: 'gate', password: 'keep', dataMode: 'auto', roaming: false },
});

/** A gateway that runs on an APN with credentials, by nothing that this agent remembers. */
async function running(options: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const store = memoryStore();
  const world = createWorld({ ...options, store });
  world.controlPlane.assign(documentOf(secret), 1);
  await world.agent.start();
  await world.clock.advance(minutes(6));
  expect(lastState(world)).toMatchObject({ modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.secret' } }] });
  await world.halt();
  for (const name of ['target', 'keepsakes']) store.texts.delete(name);
  return world;
}

describe('a gateway that is adopted while it runs', () => {
  it('comes back with the credentials that its modem holds', async () => {
    const world = await running();
    const again = world.again();
    world.controlPlane.assign(documentOf(rule('fleet.other')), 2);
    await again.start();
    await world.clock.advance(minutes(8));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted', fault: { code: 'apn.not-subscribed' } },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.secret' } }],
    });
    expect(eventsOf(world).find(({ code }) => code === 'change.adopted')?.evidence).toEqual([
      'found@1: fleet.secret',
      'not read back: roaming',
    ]);
    await world.halt(again);
  });

  it('is left on its link where nobody knows its credentials, and that is told with what helps', async () => {
    const world = await running({ model: 'mc7455' });
    const before = stepsOf(world).length;
    const again = world.again();
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await again.start();
    await world.clock.advance(minutes(10));
    expect(stepsOf(world).slice(before)).toEqual([]);
    expect(lastState(world)).toMatchObject({
      target: {
        status: 'failed',
        fault: { code: 'transaction.no-way-back', evidence: [expect.stringMatching(/fleet\.secret.*bootstrap/)] },
      },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.secret' } }],
    });
    await world.halt(again);
  });

  it('is changed nevertheless where there is a bootstrap profile to come back to', async () => {
    const world = await running({ model: 'mc7455', config: { bootstrap: { apn: 'fleet.south' } } });
    const again = world.again();
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await again.start();
    await world.clock.advance(minutes(10));
    expect(eventsOf(world).find(({ code }) => code === 'change.adopted')?.evidence).toContain('not read back: credentials');
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' }, modems: [{ bearer: { requestedApn: 'fleet.north' } }] });
    await world.halt(again);
  });

  it('comes back with the credentials of a rule for its APN, where its modem does not tell them', async () => {
    const world = await running({ model: 'mc7455' });
    const again = world.again();
    world.controlPlane.assign(documentOf(rule('fleet.other'), secret), 2);
    await again.start();
    await world.clock.advance(minutes(10));
    expect(lastState(world)).toMatchObject({ modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.secret' } }] });
    await world.halt(again);
  });

  it('that runs on what its target wants is announced as it stands, and applied only when it is confirmed', async () => {
    const world = await running();
    const before = stepsOf(world).length;
    world.controlPlane.confirms = false;
    const again = world.again();
    const asked = announcesOf(world);
    world.controlPlane.assign(documentOf(secret), 2);
    await again.start();
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { status: 'applying' }, modems: [{ connection: 'verified' }] });
    expect(announcesOf(world)).toBeGreaterThan(asked);
    world.controlPlane.confirms = true;
    await world.clock.advance(minutes(6));
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' } });
    expect(stepsOf(world).slice(before)).toEqual([]);
    await world.halt(again);
  });
});

describe('a gateway under a control plane that confirms nothing', () => {
  it('dials targets as they come, and has what it dialled to come back to when one that confirms takes over', async () => {
    const world = createWorld();
    world.controlPlane.answersAnnounces = false;
    world.controlPlane.assign(documentOf(secret), 1);
    await world.agent.start();
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' }, modems: [{ bearer: { requestedApn: 'fleet.secret' } }] });
    expect(announcesOf(world)).toBe(0);
    world.controlPlane.answersAnnounces = true;
    world.controlPlane.cut();
    world.controlPlane.assign(documentOf(rule('fleet.other')), 2);
    await world.clock.advance(minutes(8));
    expect(codesOf(world)).toContain('change.reverted');
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted' },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.secret' } }],
    });
    await world.halt();
  });
});
