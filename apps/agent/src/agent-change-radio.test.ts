import type { RadioAccess, SwitchableModemDriver } from '@towline/modem';
import { describe, expect, it } from 'vitest';
import { announcesOf, codesOf, lastState, minutes, settledWorld, stepsOf } from './testing/change-worlds.ts';
import { documentOf, rule, type World } from './testing/world.ts';

function keptTo(radioAccess: RadioAccess, apn = 'fleet.south') {
  const { profile, ...rest } = rule(apn);
  return documentOf({ ...rest, profileRef: `${radioAccess}@1`, profile: { ...profile, radioAccess } });
}

const radioWrites = (world: World) => stepsOf(world).filter((step) => step === 'write-radio-access').length;
const radioOf = ({ agent }: World) => agent.views()[0]?.observed.radioAccess;

describe('a change of the radio technology', () => {
  it.each([
    ['ec200a', 'lte'],
    ['ec25', 'umts'],
    ['bg96', 'nb-iot'],
    ['rm520n-gl', 'nr'],
    ['em7455', 'lte'],
    ['sim7600', 'lte'],
  ] as const)('is written by the dialect of an %s, read back, announced and confirmed, once', async (model, access) => {
    const world = await settledWorld({ model });
    await world.clock.advance(minutes(16));
    world.controlPlane.assign(keptTo(access), 2);
    await world.clock.advance(minutes(20));
    expect(lastState(world), JSON.stringify(world.logged.slice(-12))).toMatchObject({
      target: { version: { number: 2 }, status: 'applied' },
      modems: [{ connection: 'verified', fault: null }],
    });
    expect([radioOf(world), radioWrites(world), announcesOf(world)]).toEqual([access, 1, 2]);
    await world.clock.advance(minutes(60));
    expect(radioWrites(world)).toBe(1);
    await world.halt();
  });

  it('that nobody confirms is taken back to what the modem was kept to before, which the known good does not name', async () => {
    const world = await settledWorld();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(keptTo('lte'), 2);
    await world.clock.advance(minutes(3));
    expect(radioOf(world)).toBe('lte');
    await world.clock.advance(minutes(100));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted' },
      modems: [{ connection: 'verified' }],
    });
    // Twice there and back: the first time is without a verdict.
    expect([radioOf(world), radioWrites(world)]).toEqual(['auto', 4]);
    await world.halt();
  });

  it('is no less so on a modem that now and then does not answer: no link is taken down for it', async () => {
    let asked = 0;
    const driver = (whole: SwitchableModemDriver): SwitchableModemDriver => ({
      ...whole,
      async readRadioAccess() {
        asked += 1;
        return asked % 3 === 0 ? { ok: false, failure: { code: 'at.timeout', evidence: [] } } : whole.readRadioAccess();
      },
    });
    const world = await settledWorld({ broken: { driver } });
    world.controlPlane.assign(keptTo('lte'), 2);
    await world.clock.advance(minutes(4));
    const steps = stepsOf(world).length;
    const events = codesOf(world).length;
    await world.clock.advance(minutes(30));
    expect(asked).toBeGreaterThan(20);
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' }, modems: [{ connection: 'verified' }] });
    expect([radioWrites(world), stepsOf(world).slice(steps), codesOf(world).slice(events)]).toEqual([1, [], []]);
    await world.halt();
  });

  it('on which the network is not to be had goes back by its deadline', async () => {
    const world = await settledWorld();
    world.controlPlane.assign(keptTo('gsm'), 2);
    await world.clock.advance(minutes(2));
    expect([radioOf(world), world.modem.dataLink()]).toEqual(['gsm', null]);
    await world.clock.advance(minutes(15));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted', fault: { code: 'transaction.deadline' } },
      modems: [{ connection: 'verified' }],
    });
    expect(radioOf(world)).toBe('auto');
    await world.halt();
  });

  it('ordered while another change is open is taken back with that one, to what the modem was kept to before both', async () => {
    const world = await settledWorld();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(2));
    world.controlPlane.assign(keptTo('gsm'), 3);
    await world.clock.advance(minutes(2));
    expect(radioOf(world)).toBe('gsm');
    await world.clock.advance(minutes(20));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 3 }, status: 'reverted' },
      modems: [{ connection: 'verified' }],
    });
    expect(radioOf(world)).toBe('auto');
    await world.halt();
  });

  it('that the model does not have is refused, and touches nothing', async () => {
    const world = await settledWorld();
    const before = stepsOf(world).length;
    world.controlPlane.assign(keptTo('nb-iot'), 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { status: 'failed', fault: { code: 'radio-access.unavailable' } } });
    expect(stepsOf(world).slice(before)).toEqual([]);
    expect(codesOf(world)).not.toContain('bearer.down');
    await world.halt();
  });
});
