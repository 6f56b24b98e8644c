import type { SwitchableModemDriver } from '@towline/modem';
import { describe, expect, it } from 'vitest';
import { changeSessionsOf, codesOf, lastState, minutes, settledOnHost, settledWorld, stepsOf } from './testing/change-worlds.ts';
import { type DeviceFixture, ec200aEcm } from './testing/usb-trees.ts';
import { documentOf, rule } from './testing/world.ts';

type OnHost = Awaited<ReturnType<typeof settledOnHost>>;

/** The same modem in its other composition, with the interface that the fake host has. */
const rndis: DeviceFixture = {
  ...ec200aEcm,
  interfaces: ['0 e00103 rndis_host net/usb0', '1 0a0000 rndis_host', ...ec200aEcm.interfaces.slice(2)],
};

function inMode(dataMode: 'ecm' | 'rndis' | 'auto', apn = 'fleet.south') {
  const { profile, ...rest } = rule(apn);
  return documentOf({ ...rest, profileRef: `${dataMode}@1`, profile: { ...profile, dataMode } });
}

const switchesOf = ({ world }: OnHost) => stepsOf(world).filter((step) => step === 'write-data-mode').length;

/** Until the modem was told to switch; then it leaves the bus and comes back as the device that it is now. */
async function reenumerate(on: OnHost, as: DeviceFixture, number: number): Promise<void> {
  const before = switchesOf(on);
  for (let second = 0; second < 1_800 && switchesOf(on) === before; second += 5) await on.world.clock.advance(5_000);
  await on.world.clock.advance(2_000);
  on.usb.plug();
  await on.world.clock.advance(15_000);
  on.usb.plug({ ...as, devnum: number });
}

const modeOf = ({ world }: OnHost) => world.agent.views()[0]?.observed.usb?.dataMode;

describe('a modem that does not say at once which data mode it is in', () => {
  it.each(['ecm', 'auto'] as const)(
    'makes no target failed, takes no change back, and is asked again where it may be another (%s)',
    async (dataMode) => {
      let asked = 0;
      const driver = (whole: SwitchableModemDriver): SwitchableModemDriver => ({
        ...whole,
        async readDataMode() {
          asked += 1;
          return asked < 3 ? { ok: false, failure: { code: 'at.timeout', evidence: [] } } : whole.readDataMode();
        },
      });
      const world = await settledWorld({ broken: { driver } });
      world.controlPlane.confirms = false;
      world.controlPlane.assign(inMode(dataMode, 'fleet.north'), 2);
      await world.clock.advance(minutes(5));
      world.controlPlane.confirms = true;
      await world.clock.advance(minutes(25));
      const told = world.controlPlane.states();
      expect(told.map(({ target }) => target?.status)).not.toContain('failed');
      expect(told.at(-1)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
      expect(codesOf(world).filter((code) => code.startsWith('change.'))).toEqual(['change.committed', 'change.committed']);
      expect(asked).toBe(3);
      for (const [index, kind] of (['refresh', 'reset-modem'] as const).entries()) {
        world.controlPlane.order({ action: 'start', id: `00000000-0000-4000-8000-00000000000${index}`, ttlS: 60, order: { kind } });
        await world.clock.advance(minutes(5));
        expect(asked).toBe(4 + index);
      }
      await world.halt();
    },
  );
});

describe('a modem that never says which data mode it is in', () => {
  it('is dialled over PPP, as one that cannot tell', async () => {
    const driver = (whole: SwitchableModemDriver): SwitchableModemDriver => ({
      ...whole,
      readDataMode: async () => ({ ok: false, failure: { code: 'at.timeout', evidence: [] } }),
    });
    const world = await settledWorld({ broken: { driver } });
    expect(lastState(world)).toMatchObject({
      target: { status: 'applied' },
      modems: [{ connection: 'verified', bearer: { dataMode: 'ppp' } }],
    });
    await world.halt();
  });
});

describe('a change of the data mode', () => {
  it('goes through the modem leaving the bus, is announced over the interface that comes back, and is confirmed; and back again', async () => {
    const on = await settledOnHost();
    on.world.controlPlane.assign(inMode('rndis'), 2);
    await reenumerate(on, rndis, 3);
    await on.world.clock.advance(minutes(5));
    expect(lastState(on.world)).toMatchObject({
      target: { version: { number: 2 }, status: 'applied' },
      modems: [{ connection: 'verified', bearer: { dataMode: 'rndis' } }],
    });
    expect(changeSessionsOf(on.world).at(-1)).toMatchObject({ path: { bearer: 'usb0 192.168.225.30' } });
    on.world.controlPlane.assign(inMode('ecm'), 3);
    await reenumerate(on, ec200aEcm, 4);
    await on.world.clock.advance(minutes(5));
    expect(lastState(on.world)).toMatchObject({
      target: { version: { number: 3 }, status: 'applied' },
      modems: [{ connection: 'verified', bearer: { dataMode: 'ecm' } }],
    });
    expect(switchesOf(on)).toBe(2);
    await on.world.halt();
  });

  it('that brings up nothing is taken back through the bus, to the mode that was known good', async () => {
    const on = await settledOnHost();
    on.world.controlPlane.assign(inMode('rndis', 'fleet.other'), 2);
    await reenumerate(on, rndis, 3);
    await reenumerate(on, ec200aEcm, 4);
    await on.world.clock.advance(minutes(6));
    expect(modeOf(on)).toBe('ecm');
    expect(lastState(on.world)).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted', fault: { code: 'apn.not-subscribed' } },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south', dataMode: 'ecm' } }],
    });
    expect(codesOf(on.world)).toContain('change.reverted');
    await on.world.halt();
  });

  it('whose modem does not come back has its time, then the way back has it as soon as it is there', async () => {
    const on = await settledOnHost();
    on.world.controlPlane.assign(inMode('rndis'), 2);
    const before = switchesOf(on);
    for (let second = 0; second < 300 && switchesOf(on) === before; second += 5) await on.world.clock.advance(5_000);
    on.usb.plug();
    await on.world.clock.advance(minutes(20));
    expect(lastState(on.world)).toMatchObject({ target: { status: 'applying', change: { phase: 'reverting' } } });
    on.usb.plug({ ...rndis, devnum: 9 });
    await reenumerate(on, ec200aEcm, 10);
    await on.world.clock.advance(minutes(10));
    expect(modeOf(on)).toBe('ecm');
    expect(lastState(on.world)).toMatchObject({ target: { status: 'reverted' }, modems: [{ connection: 'verified' }] });
    await on.world.halt();
  });

  it('is taken back through the bus by a host that restarted in the middle of it', async () => {
    const on = await settledOnHost();
    on.world.controlPlane.confirms = false;
    on.world.controlPlane.assign(inMode('rndis'), 2);
    await reenumerate(on, rndis, 3);
    await on.world.clock.advance(minutes(3));
    expect(modeOf(on)).toBe('rndis');
    await on.world.halt();
    const again = on.world.again({ bootId: 'boot-2' });
    await again.start();
    await reenumerate(on, ec200aEcm, 4);
    await on.world.clock.advance(minutes(6));
    expect(again.views()[0]).toMatchObject({ decision: { connection: 'verified' }, observed: { usb: { dataMode: 'ecm' } } });
    expect(lastState(on.world)).toMatchObject({ target: { status: 'reverted', fault: { code: 'transaction.rebooted' } } });
    await on.world.halt(again);
  });
});
