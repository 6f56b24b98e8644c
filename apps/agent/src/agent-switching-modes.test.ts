import type { DataMode } from '@towline/modem';
import { describe, expect, it } from 'vitest';
import { fakeHost } from './testing/fake-host.ts';
import { type DeviceFixture, ec200aEcm } from './testing/usb-trees.ts';
import { createWorld, documentOf, fakeBus, rule, type World } from './testing/world.ts';

const seconds = (count: number) => count * 1_000;
const minutes = (count: number) => seconds(count * 60);
const modemOf = ({ controlPlane }: World) => controlPlane.states().at(-1)?.modems[0];
const stepsOf = ({ logged }: World) => logged.flatMap(({ fields }) => ('step' in fields ? [String(fields.step)] : []));
const eventsOf = ({ controlPlane }: World) => controlPlane.events().flatMap(({ events }) => events);

/** The same modem in its other composition, with the interface that the fake host has. */
const ec200aRndis: DeviceFixture = {
  ...ec200aEcm,
  interfaces: ['0 e00103 rndis_host net/usb0', '1 0a0000 rndis_host', ...ec200aEcm.interfaces.slice(2)],
};

async function started(dataMode: 'auto' | 'rndis' | 'ecm' | 'qmi', offers?: readonly DataMode[]) {
  const host = fakeHost();
  const usb = fakeBus();
  usb.plug(ec200aEcm);
  const world = createWorld({ usb, host, config: { modems: undefined } });
  if (offers) world.modem.misbehave({ kind: 'offers-modes', modes: offers });
  const { profile, ...north } = rule('fleet.south');
  world.controlPlane.assign(documentOf({ ...north, profile: { ...profile, dataMode } }), 1);
  await world.agent.start();
  await world.clock.advance(seconds(20));
  return { world, usb };
}

describe('an agent whose rule wants another data mode', () => {
  it('writes it, restarts the modem, waits for it at its USB path, and dials in the new mode', async () => {
    const { world, usb } = await started('rndis');
    expect(stepsOf(world)).toEqual(['write-data-mode', 'reset-modem']);
    usb.plug();
    await world.clock.advance(seconds(20));
    expect(modemOf(world)).toMatchObject({ connection: 'absent', fault: null });
    usb.plug(ec200aRndis);
    await world.clock.advance(minutes(3));
    expect(modemOf(world)).toMatchObject({ connection: 'verified', bearer: { dataMode: 'rndis' }, fault: null });
    expect(stepsOf(world).filter((step) => step === 'write-data-mode')).toHaveLength(1);
    await world.halt();
  });

  it('says so when the modem does not come back in time', async () => {
    const { world, usb } = await started('rndis');
    usb.plug();
    await world.clock.advance(minutes(2));
    expect(modemOf(world)).toMatchObject({ connection: 'absent', fault: { code: 'mode.switch-lost' } });
    usb.plug(ec200aRndis);
    await world.clock.advance(minutes(3));
    expect(modemOf(world)).toMatchObject({ connection: 'verified', fault: null });
    await world.halt();
  });

  it('gives up after two switches that did not come into force', async () => {
    const { world } = await started('rndis');
    await world.clock.advance(minutes(10));
    expect(stepsOf(world).filter((step) => step === 'write-data-mode')).toHaveLength(2);
    expect(modemOf(world)).toMatchObject({ connection: 'needs-person', fault: { code: 'mode.not-kept' } });
    await world.halt();
  });

  it('writes nothing that the firmware does not list, and says what it does', async () => {
    const { world } = await started('rndis', ['ecm']);
    await world.clock.advance(minutes(1));
    expect(modemOf(world)).toMatchObject({
      connection: 'needs-person',
      fault: { code: 'mode.not-offered', evidence: ['this firmware offers ecm, not rndis'] },
    });
    expect(stepsOf(world)).not.toContain('write-data-mode');
    await world.halt();
  });

  it('names what keeps the host or the modem from it', async () => {
    const { world } = await started('qmi');
    await world.clock.advance(minutes(1));
    expect(modemOf(world)).toMatchObject({ fault: { code: 'mode.unavailable', evidence: [expect.stringMatching(/^qmi: /)] } });
    await world.halt();
  });
});

describe('an agent whose rule leaves the data mode open', () => {
  it('keeps the one that the modem is in where the host can use it, and says why', async () => {
    const { world } = await started('auto');
    await world.clock.advance(minutes(2));
    const reason = 'ecm: the modem is in it, and this host can use it';
    expect(modemOf(world)).toMatchObject({ connection: 'verified', bearer: { dataMode: 'ecm' }, modeReason: reason });
    expect(eventsOf(world)).toContainEqual(expect.objectContaining({ code: 'mode.chosen', evidence: [reason] }));
    expect(stepsOf(world)).not.toContain('write-data-mode');
    await world.halt();
  });
});
