import { simulatedSim } from '@towline/simulator';
import { describe, expect, it } from 'vitest';
import { memoryStore } from './adapters/memory-store.ts';
import { announcesOf, lastState, minutes, settledWorld } from './testing/change-worlds.ts';
import { away, dualSim, home, inUse, secondSim, slotWrites, toSlotTwo } from './testing/dual-sim.ts';
import { documentOf, iccid, imsi, rule, secondIccid, secondImsi, type World } from './testing/world.ts';

const hours = (count: number) => minutes(count * 60);

/** A gateway that was confirmed over the SIM of either slot, and uses the second. */
async function inSlotTwo(): Promise<World> {
  const world = await dualSim();
  world.controlPlane.assign(toSlotTwo(), 2);
  await world.clock.advance(minutes(6));
  expect(inUse(world)).toEqual(away);
  return world;
}

describe('a gateway whose SIM is dead, with nothing under way', () => {
  it.each([
    ['is taken out', ({ modem }: World) => modem.removeSim(2)],
    ['is denied by the network', ({ network }: World) => network.deny(secondImsi)],
    ['has an access point that was shut', ({ network }: World) => network.shutAccessPoint('fleet.north')],
  ])('comes back over the one in the other slot where its own %s', async (_what, befall) => {
    const world = await inSlotTwo();
    befall(world);
    if (world.modem.dataLink()) world.network.release(secondImsi);
    await world.clock.advance(hours(1));
    expect(world.agent.views()[0]?.decision.connection, JSON.stringify(world.logged.slice(-12))).toBe('verified');
    expect(inUse(world)).toMatchObject({ slot: 1, sim: iccid });
    await world.halt();
  });

  it('does so in a slot that it was left in by a change of which the journal cannot be read', async () => {
    const store = memoryStore();
    const world = await dualSim({ store });
    world.modem.removeSim(2);
    world.controlPlane.assign(toSlotTwo(), 2);
    for (let tries = 0; tries < 600 && world.modem.state.stored.simSlot === 1; tries += 1) await world.clock.advance(50);
    await world.halt();
    await store.journal.write('torn');
    expect(inUse(world).slot).toBe(2);
    const next = world.again({ bootId: 'boot-2' });
    await next.start();
    await world.clock.advance(hours(1));
    expect([inUse(world), next.views()[0]?.decision.connection]).toEqual([home, 'verified']);
    await world.halt(next);
  });

  it('comes back to the slot that its target names once only that one works', async () => {
    const world = await inSlotTwo();
    world.modem.removeSim(2);
    await world.clock.advance(hours(1));
    expect(inUse(world)).toMatchObject({ slot: 1, sim: iccid });
    world.modem.removeSim(1);
    world.modem.insertSim(secondSim, 2);
    await world.clock.advance(hours(2));
    expect(inUse(world)).toEqual(away);
    await world.halt();
  });

  it('goes from one slot to the other less than thirty times a day where neither works, and finds the first that does', async () => {
    const world = await inSlotTwo();
    world.modem.removeSim(1);
    world.modem.removeSim(2);
    const before = slotWrites(world);
    await world.clock.advance(hours(24));
    expect(slotWrites(world) - before).toBeLessThan(30);
    world.modem.insertSim(simulatedSim({ iccid, imsi }), 1);
    await world.clock.advance(hours(3));
    expect(inUse(world)).toMatchObject({ slot: 1, sim: iccid });
    await world.halt();
  });

  it('stays with its SIM through an outage where no other is known or named', async () => {
    const world = await dualSim();
    world.network.setOutage(true);
    await world.clock.advance(hours(5));
    world.network.setOutage(false);
    await world.clock.advance(minutes(10));
    expect([inUse(world), slotWrites(world)]).toEqual([home, 0]);
    await world.halt();
  });
});

describe('a change to the SIM in the other slot', () => {
  it('comes back to what was known good of that one, where neither the known good that it left nor the target works', async () => {
    const world = await inSlotTwo();
    world.controlPlane.assign(documentOf(rule('fleet.south', { simSlot: 1 })), 3);
    await world.clock.advance(minutes(10));
    expect(inUse(world)).toEqual(home);
    const toForeign = documentOf(
      rule('fleet.other', { name: 'second SIM', when: { iccidPrefix: [secondIccid] } }),
      rule('fleet.south', { simSlot: 2 }),
    );
    world.controlPlane.assign(toForeign, 4);
    for (let tries = 0; tries < 600 && world.modem.state.stored.simSlot === 1; tries += 1) await world.clock.advance(50);
    world.network.shutAccessPoint('fleet.south');
    await world.clock.advance(hours(3));
    expect([inUse(world), world.agent.views()[0]?.decision.connection]).toEqual([away, 'verified']);
    await world.halt();
  });
});

describe('a gateway whose known good is dead, with one SIM', () => {
  it('dials what its target wants though no journal can be had, and announces nothing', async () => {
    const world = await settledWorld();
    world.breakFlash(true);
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(2));
    expect(inUse(world).apn).toBe('fleet.south');
    world.network.shutAccessPoint('fleet.south');
    world.network.release(imsi);
    await world.clock.advance(hours(1));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'failed', fault: { code: 'transaction.no-journal' } },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.north' } }],
    });
    expect(announcesOf(world)).toBe(1);
    world.breakFlash(false);
    await world.clock.advance(hours(1));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
    await world.halt();
  });

  it('dials its bootstrap profile, says that its target does not hold, and comes back when a person orders it to dial', async () => {
    const world = await settledWorld({ config: { bootstrap: { apn: 'fleet.north' } } });
    world.network.shutAccessPoint('fleet.south');
    world.network.release(imsi);
    await world.clock.advance(hours(1));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 1 }, status: 'reverted', fault: { code: 'transaction.lost' } },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.north' } }],
    });
    world.network.putAccessPoint({ name: 'fleet.south', ipTypes: ['ipv4'] });
    world.controlPlane.order({ action: 'start', id: '00000000-0000-4000-8000-000000000001', ttlS: 600, order: { kind: 'dial' } });
    await world.clock.advance(minutes(10));
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' }, modems: [{ bearer: { requestedApn: 'fleet.south' } }] });
    await world.halt();
  });

  it('stays dark abroad where its profile forbids to roam, whatever another profile allows', async () => {
    const world = await settledWorld({ config: { bootstrap: { apn: 'fleet.north', roaming: true } } });
    world.modem.insertSim(simulatedSim({ iccid, imsi: '204040000000007' }));
    await world.clock.advance(hours(3));
    expect(world.agent.views()[0]?.observed.registration?.state).toBe('roaming');
    expect(world.modem.dataLink()).toBeNull();
    await world.halt();
  });
});
