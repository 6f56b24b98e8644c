import type { SimSlot } from '@towline/modem';
import { simulatedSim } from '@towline/simulator';
import { describe, expect, it } from 'vitest';
import { announcesOf, codesOf, lastState, minutes, settledWorld, stepsOf } from './testing/change-worlds.ts';
import { away, dualSim, home, inUse, secondSim, slotWrites, toSlotTwo } from './testing/dual-sim.ts';
import { createWorld, documentOf, iccid, imsi, rule, secondIccid, secondImsi, type World, type WorldOptions } from './testing/world.ts';

const announced = ({ controlPlane }: World) =>
  controlPlane.received.flatMap(({ channel, message }) => (channel === 'announce' ? [message] : [])).at(-1);

const staleIccid = '8900101000000000097';

/** Composed: the first look after this slot was written shows another SIM in it, and the slot itself as said here. */
function staleOnce(written: SimSlot, slots: readonly SimSlot[] = []): NonNullable<WorldOptions['broken']> {
  let isStale = false;
  let left: SimSlot[] = [];
  return {
    driver: (whole) => ({
      ...whole,
      async writeSimSlot(slot) {
        const result = await whole.writeSimSlot(slot);
        if (slot === written) [isStale, left] = [true, [...slots]];
        return result;
      },
      async readSimSlot() {
        const slot = left.shift();
        return slot === undefined ? whole.readSimSlot() : { ok: true, value: slot };
      },
      async readSim() {
        const read = await whole.readSim();
        const isNow = isStale && read.ok;
        isStale = false;
        return isNow ? { ok: true, value: { ...read.value, state: 'ready', iccid: staleIccid } } : read;
      },
    }),
  };
}

describe('a change of the SIM slot', () => {
  it.each(['rm520n-gl', 'em7455', 'em7565'])(
    'of an %s dials the SIM in the other slot by the rule that holds for it, and is confirmed over it',
    async (model) => {
      const world = await dualSim({ model });
      expect(inUse(world)).toEqual(home);
      world.controlPlane.assign(toSlotTwo(), 2);
      await world.clock.advance(minutes(6));
      expect(lastState(world), JSON.stringify(world.logged.slice(-12))).toMatchObject({
        target: { version: { number: 2 }, status: 'applied' },
        modems: [{ connection: 'verified', simSlot: 2, sim: { iccid: secondIccid }, rule: 'second SIM', fault: null }],
      });
      expect(inUse(world)).toEqual(away);
      expect(announced(world)).toMatchObject({ iccid: secondIccid, profileRef: 'fleet.north@1' });
      await world.clock.advance(minutes(60));
      expect([slotWrites(world), announcesOf(world), inUse(world)]).toEqual([1, 2, away]);
      await world.halt();
    },
  );

  it('is not held up by bands that a rule for other models names, and this one cannot be kept to', async () => {
    const { profile, ...rest } = rule('fleet.south', { name: 'banded', when: { model: ['ec25'] } });
    const world = await dualSim({ model: 'em7565' });
    world.controlPlane.assign(toSlotTwo({ ...rest, profile: { ...profile, bands: { lte: [3] } } }), 2);
    await world.clock.advance(minutes(6));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied', fault: null } });
    expect(inUse(world)).toEqual(away);
    await world.halt();
  });

  it('and back is another one, to a SIM that has a known good already', async () => {
    const world = await dualSim();
    world.controlPlane.assign(toSlotTwo(), 2);
    await world.clock.advance(minutes(6));
    world.controlPlane.assign(documentOf(rule('fleet.south', { simSlot: 1 })), 3);
    await world.clock.advance(minutes(6));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 3 }, status: 'applied' }, modems: [{ connection: 'verified' }] });
    expect([inUse(world), slotWrites(world)]).toEqual([home, 2]);
    await world.halt();
  });

  it.each([
    ['which is empty', (world: World) => world.modem.removeSim(2), 'sim.absent'],
    [
      'whose SIM has a PIN that nobody knows',
      (world: World) => world.modem.insertSim(simulatedSim({ iccid: secondIccid, imsi: secondImsi, pin: '1234' }), 2),
      'pin.none-given',
    ],
    ['whose SIM the network denies', (world: World) => world.network.deny(secondImsi), 'network.denied'],
  ] as const)('%s goes back to the SIM that it came from, and its known good, at once', async (_what, befall, code) => {
    const world = await dualSim();
    befall(world);
    world.controlPlane.assign(toSlotTwo(), 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world), JSON.stringify(world.logged.slice(-12))).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted', fault: { code, evidence: expect.arrayContaining(['SIM slot 2']) } },
      modems: [{ connection: 'verified', simSlot: 1 }],
    });
    await world.clock.advance(minutes(120));
    expect([inUse(world), slotWrites(world)]).toEqual([home, 2]);
    await world.halt();
  });

  it('that goes back to a slot which is still told with the SIM of the other ends with its verdict', async () => {
    const world = await dualSim({ broken: staleOnce(1) });
    world.modem.insertSim(simulatedSim({ iccid: secondIccid, imsi: secondImsi, pin: '1234' }), 2);
    world.controlPlane.assign(toSlotTwo(), 2);
    await world.clock.advance(minutes(6));
    expect(lastState(world), JSON.stringify(world.logged.slice(-12))).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted', fault: { code: 'pin.none-given' } },
      modems: [{ connection: 'verified', simSlot: 1 }],
    });
    expect(inUse(world)).toEqual(home);
    await world.halt();
  });

  it('takes a SIM that was read while the slot changed for none', async () => {
    const world = await dualSim({ broken: staleOnce(2, [1]) });
    world.controlPlane.assign(toSlotTwo(), 2);
    const seen = new Set<string | null | undefined>();
    for (let tick = 0; tick < 1_000; tick += 1) {
      await world.clock.advance(200);
      seen.add(world.agent.views()[0]?.observed.sim?.iccid);
    }
    expect([inUse(world), seen.has(secondIccid), seen.has(staleIccid)]).toEqual([away, true, false]);
    await world.halt();
  });

  it('to a SIM whose rule wants what the modem cannot do goes back at once', async () => {
    const world = await dualSim();
    const { profile, ...banded } = rule('fleet.north', { when: { iccidPrefix: [secondIccid] } });
    world.controlPlane.assign(toSlotTwo({ ...banded, profile: { ...profile, bands: { lte: [87] } } }), 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { status: 'reverted', fault: { code: 'bands.unavailable' } } });
    expect(inUse(world)).toEqual(home);
    await world.halt();
  });

  it('restores the bands and the technology that were in use, which the rule of the other SIM has changed', async () => {
    const world = await dualSim();
    const { profile, ...kept } = rule('fleet.other', { when: { iccidPrefix: [secondIccid] } });
    world.controlPlane.assign(toSlotTwo({ ...kept, profile: { ...profile, radioAccess: 'lte', bands: { lte: [3] } } }), 2);
    const before = world.modem.state.stored.settings;
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({
      target: { status: 'reverted', fault: { code: 'apn.not-subscribed' } },
      modems: [{ simSlot: 1 }],
    });
    expect(world.agent.views()[0]?.observed).toMatchObject({ radioAccess: 'auto', bands: { lte: expect.arrayContaining([1, 3, 20]) } });
    expect([before.size, stepsOf(world).filter((step) => step === 'write-bands').length]).toEqual([0, 2]);
    await world.halt();
  });

  it('commits together with the bands and the technology that the rule of the other SIM keeps to', async () => {
    const world = await dualSim();
    const { profile, ...kept } = rule('fleet.north', { when: { iccidPrefix: [secondIccid] } });
    world.controlPlane.assign(toSlotTwo({ ...kept, profile: { ...profile, radioAccess: 'lte', bands: { lte: [3] } } }), 2);
    await world.clock.advance(minutes(6));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' }, modems: [{ simSlot: 2 }] });
    expect(world.agent.views()[0]?.observed).toMatchObject({ radioAccess: 'lte', bands: { lte: [3] } });
    expect([inUse(world), announcesOf(world)]).toEqual([away, 2]);
    await world.halt();
  });

  it('to a SIM that is given an access point that it may not use goes back at once, with the network’s reason', async () => {
    const world = await dualSim();
    world.controlPlane.assign(toSlotTwo(rule('fleet.other', { when: { iccidPrefix: [secondIccid] } })), 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { status: 'reverted', fault: { code: 'apn.not-subscribed' } } });
    expect(inUse(world)).toEqual(home);
    await world.halt();
  });

  it('that nobody confirms goes back, and tries again only after its pause', async () => {
    const world = await dualSim();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(toSlotTwo(), 2);
    await world.clock.advance(minutes(3));
    expect(inUse(world)).toEqual(away);
    await world.clock.advance(minutes(100));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted' },
      modems: [{ connection: 'verified' }],
    });
    expect([inUse(world), slotWrites(world)]).toEqual([home, 4]);
    await world.halt();
  });

  it('in which the power is cut goes back, though the other SIM works', async () => {
    const world = await dualSim();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(toSlotTwo(), 2);
    for (let tries = 0; tries < 600 && slotWrites(world) === 0; tries += 1) await world.clock.advance(50);
    await world.halt();
    world.modem.restart();
    world.controlPlane.confirms = true;
    const next = world.again({ bootId: 'boot-2' });
    await next.start();
    await world.clock.advance(minutes(6));
    expect(inUse(world)).toEqual(home);
    expect(lastState(world)).toMatchObject({ target: { status: 'reverted', fault: { code: 'transaction.rebooted' } } });
    await world.halt(next);
  });

  it('in which the agent ends before the card in the new slot has shown up goes on', async () => {
    const world = await dualSim();
    world.controlPlane.assign(toSlotTwo(), 2);
    for (let tries = 0; tries < 600 && slotWrites(world) === 0; tries += 1) await world.clock.advance(50);
    const showUp = world.modem.misbehave({ kind: 'sim-lost' });
    await world.halt();
    const next = world.again();
    await next.start();
    await world.clock.advance(4_000);
    expect(next.views()[0]?.observed.sim?.state).toBe('absent');
    showUp();
    await world.clock.advance(minutes(6));
    expect(inUse(world)).toEqual(away);
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
    await world.halt(next);
  });

  it('that a newer target for the first slot calls back ends on the known good there', async () => {
    const world = await dualSim();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(toSlotTwo(), 2);
    await world.clock.advance(minutes(2));
    expect(inUse(world)).toEqual(away);
    world.controlPlane.confirms = true;
    world.controlPlane.assign(documentOf(rule('fleet.south', { simSlot: 1 })), 3);
    await world.clock.advance(minutes(6));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 3 }, status: 'applied' } });
    expect(inUse(world)).toEqual(home);
    await world.halt();
  });

  it('that a newer target takes the place of which leaves the slot open ends with that in the first', async () => {
    const world = await dualSim();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(toSlotTwo(), 2);
    await world.clock.advance(minutes(2));
    expect(inUse(world)).toEqual(away);
    world.controlPlane.confirms = true;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 3);
    await world.clock.advance(minutes(10));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 3 }, status: 'applied' } });
    expect(inUse(world)).toEqual({ ...home, apn: 'fleet.north' });
    await world.halt();
  });

  it('in which a stranger is put into the new slot is dialled, announced and confirmed as the target wants of that one', async () => {
    const stranger = { iccid: '8900101000000000097', imsi: '001010000000009' };
    const world = await dualSim();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(toSlotTwo(), 2);
    await world.clock.advance(minutes(2));
    expect(inUse(world)).toEqual(away);
    world.controlPlane.confirms = true;
    world.modem.insertSim(simulatedSim(stranger));
    await world.clock.advance(minutes(6));
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' }, modems: [{ sim: { iccid: stranger.iccid } }] });
    expect([announced(world), inUse(world).apn, slotWrites(world)]).toMatchObject([{ iccid: stranger.iccid }, 'fleet.south', 1]);
    await world.halt();
  });

  it('in which the SIM that it came from is exchanged for another ends, and is made anew once that one is settled', async () => {
    const world = await dualSim();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(toSlotTwo(), 2);
    await world.clock.advance(minutes(2));
    world.modem.insertSim(simulatedSim({ iccid: '8900101000000000097', imsi: '001010000000009' }), 1);
    await world.clock.advance(minutes(20));
    world.controlPlane.confirms = true;
    await world.clock.advance(minutes(10));
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' } });
    expect(inUse(world)).toEqual(away);
    await world.halt();
  });

  it.each([
    ['is not dialled yet', 6_000],
    ['is up and waits for its yes', 9_000],
  ])('that comes while a change without a way back to a new SIM %s waits until that one is settled', async (_how, afterMs) => {
    const stranger = { iccid: '8900101000000000097', imsi: '001010000000009' };
    const own = rule('fleet.north', { name: 'stranger', when: { iccidPrefix: [stranger.iccid] } });
    const world = await dualSim();
    world.controlPlane.assign(documentOf(own, rule('fleet.south')), 2);
    await world.clock.advance(minutes(2));
    world.modem.removeSim(2);
    world.modem.insertSim(simulatedSim(stranger));
    await world.clock.advance(afterMs);
    world.controlPlane.assign(toSlotTwo(own), 3);
    await world.clock.advance(minutes(10));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 3 }, status: 'reverted', fault: { code: 'sim.absent' } } });
    expect([inUse(world), slotWrites(world)]).toEqual([{ slot: 1, sim: stranger.iccid, apn: 'fleet.north' }, 2]);
    await world.halt();
  });

  it('is refused where the model has one slot, and touches nothing', async () => {
    const world = await settledWorld({ model: 'ec25' });
    const before = stepsOf(world).length;
    world.controlPlane.assign(toSlotTwo(), 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { status: 'failed', fault: { code: 'sim-slot.unavailable' } } });
    expect(stepsOf(world).slice(before)).toEqual([]);
    await world.halt();
  });

  it('is refused where the SIM in use is locked, and the target has no PIN to come back to it with', async () => {
    const locked = simulatedSim({ iccid, imsi, pin: '1234' });
    const world = await settledWorld({ model: 'rm520n-gl', sim: locked, otherSim: secondSim });
    world.controlPlane.assign(documentOf(rule('fleet.south', { level: 'device', pin: '1234' })), 2);
    await world.clock.advance(minutes(6));
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' }, modems: [{ connection: 'verified' }] });
    world.controlPlane.assign(toSlotTwo(), 3);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 3 }, status: 'failed', fault: { code: 'pin.none-given' } } });
    expect([slotWrites(world), codesOf(world).includes('bearer.down')]).toEqual([0, false]);
    await world.halt();
  });

  it('of a gateway without anything to lose is made at once where the slot in use is empty', async () => {
    const world = createWorld({ model: 'rm520n-gl', otherSim: secondSim });
    world.modem.removeSim();
    world.controlPlane.assign(toSlotTwo(), 1);
    await world.agent.start();
    await world.clock.advance(minutes(6));
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' } });
    expect([inUse(world), slotWrites(world)]).toEqual([away, 1]);
    await world.halt();
  });

  it('of a gateway of which nothing is known good yet is made once the SIM in use is', async () => {
    const world = createWorld({ model: 'rm520n-gl', otherSim: secondSim });
    world.controlPlane.assign(toSlotTwo(), 1);
    await world.agent.start();
    await world.clock.advance(minutes(10));
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' } });
    expect([inUse(world), announcesOf(world)]).toEqual([away, 2]);
    expect(
      world.controlPlane
        .states()
        .filter(({ target }) => target?.status === 'applied')
        .every(({ modems }) => modems[0]?.simSlot === 2),
    ).toBe(true);
    await world.halt();
  });
});
