import { type Bands, bandsText, type TargetRule } from '@towline/protocol';
import { simulatedSim } from '@towline/simulator';
import { describe, expect, it } from 'vitest';
import { announcesOf, codesOf, lastState, minutes, settledWorld, stepsOf } from './testing/change-worlds.ts';
import { documentOf, iccid, rule, type World, type WorldOptions } from './testing/world.ts';

function keptTo(bands: Bands, over: Partial<TargetRule['profile']> = {}) {
  const { profile, ...rest } = rule('fleet.south');
  return documentOf({ ...rest, profileRef: 'banded@1', profile: { ...profile, ...over, bands } });
}

/** Whether the modem keeps the bands that are written, one write after the other. */
function keepingBands(kept: readonly boolean[]): NonNullable<WorldOptions['broken']> {
  const left = [...kept];
  const lost = async () => ({ ok: true, value: { written: true } }) as const;
  return { driver: (whole) => ({ ...whole, writeBands: (bands) => (left.shift() ? whole.writeBands(bands) : lost()) }) };
}

const bandWrites = (world: World) => stepsOf(world).filter((step) => step === 'write-bands').length;
function bandsOf({ agent }: World) {
  const bands = agent.views()[0]?.observed.bands;
  return bands === 'other' ? null : bands;
}

/** Simulated cells: LTE on band 3, Cat-M1 and NB-IoT on 20, 5G on 78. */
describe('a change of the bands', () => {
  it.each<[string, Bands]>([
    ['ec200a', { lte: [20, 3] }],
    ['ec25', { lte: [3] }],
    ['bg96', { 'lte-m': [20, 8], 'nb-iot': [20] }],
    ['rm520n-gl', { lte: [3, 20], nr: [78] }],
    ['em7455', { lte: [3, 7] }],
  ])('is written by the dialect of an %s, read back, announced and confirmed, once', async (model, bands) => {
    const world = await settledWorld({ model });
    world.controlPlane.assign(keptTo(bands), 2);
    await world.clock.advance(minutes(20));
    expect(lastState(world), JSON.stringify(world.logged.slice(-12))).toMatchObject({
      target: { version: { number: 2 }, status: 'applied' },
      modems: [{ connection: 'verified', fault: null }],
    });
    expect(bandsText(bandsOf(world) ?? {})).toBe(bandsText(bands));
    expect([bandWrites(world), announcesOf(world)]).toEqual([1, 2]);
    await world.clock.advance(minutes(60));
    expect(bandWrites(world)).toBe(1);
    await world.halt();
  });

  it('on which there is no cell loses the network and is taken back by its deadline, to those that were in use before', async () => {
    const world = await settledWorld({ model: 'ec25' });
    world.controlPlane.assign(keptTo({ lte: [20] }, { radioAccess: 'lte' }), 2);
    await world.clock.advance(minutes(2));
    expect([bandsOf(world), world.modem.dataLink()]).toEqual([{ lte: [20] }, null]);
    await world.clock.advance(minutes(15));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted', fault: { code: 'transaction.deadline' } },
      modems: [{ connection: 'verified' }],
    });
    expect(bandsOf(world)).toEqual({ lte: [1, 3, 7, 8, 20, 28, 38, 40, 41] });
    expect([world.agent.views()[0]?.observed.radioAccess, bandWrites(world)]).toEqual(['auto', 2]);
    await world.halt();
  });

  it('in which the SIM is exchanged ends, and leaves the new one no bands that its own rule says nothing of', async () => {
    const world = await settledWorld({ model: 'ec25' });
    const [banded] = keptTo({ lte: [20] }, { radioAccess: 'lte' }).rules;
    world.controlPlane.assign(
      documentOf(rule('fleet.north', { when: { iccidPrefix: ['8900101000000000097'] } }), ...(banded ? [banded] : [])),
      2,
    );
    await world.clock.advance(minutes(2));
    expect(world.modem.dataLink()).toBeNull();
    world.modem.insertSim(simulatedSim({ iccid: '8900101000000000097', imsi: '001010000000009' }));
    await world.clock.advance(minutes(6));
    expect(lastState(world)).toMatchObject({
      target: { status: 'applied' },
      modems: [{ connection: 'verified', rule: 'rule fleet.north' }],
    });
    expect([world.agent.views()[0]?.observed.radioAccess, bandWrites(world)]).toEqual(['auto', 2]);
    await world.halt();
  });

  const stranger = simulatedSim({ iccid: '8900101000000000097', imsi: '001010000000009' });
  const barred = async (options: WorldOptions) => {
    const world = await settledWorld({ model: 'ec25', ...options });
    const [banded] = keptTo({ lte: [20] }, { radioAccess: 'lte' }).rules;
    world.controlPlane.assign(documentOf({ ...rule('fleet.south'), ...banded, when: { iccidPrefix: [iccid] } }), 2);
    await world.clock.advance(minutes(2));
    expect(world.modem.dataLink()).toBeNull();
    world.modem.insertSim(stranger);
    await world.clock.advance(minutes(8));
    return world;
  };

  it.each([
    ['at once', [true, true]],
    ['at the second try', [true, false, true]],
  ])('in which a SIM is put in that no rule holds for ends all the same once the radio is as it was, %s', async (_when, kept) => {
    const world = await barred({ broken: keepingBands(kept) });
    expect(lastState(world)).toMatchObject({ target: { status: 'failed', fault: { code: 'policy.no-rule' }, change: null } });
    expect([bandWrites(world), world.modem.state.stored.settings.get('band.2')]).toEqual([kept.length, '1:3:7:8:20:28:38:40:41']);
    expect(world.modem.dataLink()).toBeNull();
    await world.halt();
  });

  it('in which a SIM is put in ends, too, where the radio cannot be brought back', async () => {
    const world = await barred({ broken: keepingBands([true, false, false]) });
    expect(lastState(world)).toMatchObject({ target: { status: 'failed', fault: { code: 'policy.no-rule' }, change: null } });
    expect([bandWrites(world), world.modem.state.stored.settings.get('band.2')]).toEqual([3, '20']);
    await world.halt();
  });

  it('that a newer target takes the place of leaves nothing behind where that says nothing of bands', async () => {
    const world = await settledWorld({ model: 'ec25' });
    world.controlPlane.confirms = false;
    world.controlPlane.assign(keptTo({ lte: [3] }), 2);
    await world.clock.advance(minutes(3));
    expect([bandsOf(world), world.modem.dataLink()]).toEqual([{ lte: [3] }, expect.anything()]);
    world.controlPlane.confirms = true;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 3);
    await world.clock.advance(minutes(30));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 3 }, status: 'applied' },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.north' } }],
    });
    expect([...world.modem.state.stored.settings.values(), bandWrites(world)]).toEqual(['1:3:7:8:20:28:38:40:41', 2]);
    await world.halt();
  });

  it('is over where the modem has them already: nothing is written', async () => {
    const world = await settledWorld({ model: 'ec25' });
    world.controlPlane.assign(keptTo({ lte: [1, 3, 7, 8, 20, 28, 38, 40, 41] }), 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
    expect([bandWrites(world), codesOf(world).includes('bearer.down')]).toEqual([0, false]);
    await world.halt();
  });

  it('that the modem takes and does not keep goes back at once', async () => {
    const world = await settledWorld({
      broken: { driver: (whole) => ({ ...whole, writeBands: async () => ({ ok: true, value: { written: true } }) }) },
    });
    world.controlPlane.assign(keptTo({ lte: [3] }), 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { status: 'reverted', fault: { code: 'bands.not-kept' } } });
    await world.halt();
  });

  it.each<[string, string, Bands, string]>([
    ['a band that the model does not have', 'ec25', { lte: [3, 71] }, 'bands.unavailable'],
    ['a technology that it does not have', 'ec25', { nr: [78] }, 'bands.unavailable'],
    ['a model whose bands are left to it', 'sim7600', { lte: [3] }, 'bands.unavailable'],
  ])('to %s is refused, and touches nothing', async (_what, model, bands, code) => {
    const world = await settledWorld({ model });
    const before = stepsOf(world).length;
    world.controlPlane.assign(keptTo(bands), 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { status: 'failed', fault: { code } } });
    expect(stepsOf(world).slice(before)).toEqual([]);
    await world.halt();
  });

  it('from none that are known of the model is refused: nobody could bring them back', async () => {
    const world = await settledWorld({ broken: { driver: (whole) => ({ ...whole, readBands: async () => ({ ok: true, value: null }) }) } });
    const before = stepsOf(world).length;
    world.controlPlane.assign(keptTo({ lte: [3] }), 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { status: 'failed', fault: { code: 'bands.unreadable' } } });
    expect(stepsOf(world).slice(before)).toEqual([]);
    await world.halt();
  });
});
