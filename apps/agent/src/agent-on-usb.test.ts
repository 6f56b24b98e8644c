import { describe, expect, it } from 'vitest';
import { fakeHost } from './testing/fake-host.ts';
import { bg96, type DeviceFixture, ec200aEcm, em7565Oem, mc7455Boot, mc7455MbimOnly } from './testing/usb-trees.ts';
import { createWorld, documentOf, fakeBus, rule, type World } from './testing/world.ts';

const minutes = (count: number) => count * 60_000;
const modemsOf = ({ controlPlane }: World) => controlPlane.states().at(-1)?.modems ?? [];
/** A modem with the ports of the simulated one, plugged in elsewhere. */
const at = (path: string): DeviceFixture => ({ ...ec200aEcm, path });

async function started(config: Parameters<typeof createWorld>[0] = {}, ...plugged: DeviceFixture[]) {
  const usb = fakeBus();
  usb.plug(...plugged);
  const world = createWorld({ ...config, usb });
  world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
  await world.agent.start();
  await world.clock.advance(minutes(4));
  return { world, usb };
}

const unnamed = { config: { modems: undefined } };

describe('an agent on a gateway with USB', () => {
  it('manages every modem that it finds, under its USB path', async () => {
    const { world } = await started(unnamed, at('1-1.3'));
    expect(modemsOf(world)).toMatchObject([{ id: '1-1.3', model: 'ec200a', connection: 'verified' }]);
    await world.halt();
  });

  it('takes up a modem that is plugged in later, at once', async () => {
    const { world, usb } = await started(unnamed);
    expect(world.agent.views()).toEqual([]);
    usb.plug(at('1-2'));
    await world.clock.advance(minutes(2));
    expect(modemsOf(world)).toMatchObject([{ id: '1-2', connection: 'verified' }]);
    await world.halt();
  });

  it('says at once that a modem was pulled out, and takes it up again when it is back', async () => {
    const { world, usb } = await started(unnamed, at('1-2'));
    usb.plug();
    await world.clock.advance(3_000);
    expect(modemsOf(world)).toMatchObject([{ id: '1-2', connection: 'absent', fault: { code: 'modem.absent' } }]);
    usb.plug(at('1-2'));
    await world.clock.advance(minutes(2));
    expect(modemsOf(world)).toMatchObject([{ id: '1-2', connection: 'verified', fault: null }]);
    await world.halt();
  });

  it('leaves a modem that it reset alone until it is back on the bus', async () => {
    const { world, usb } = await started(unnamed, at('1-2'));
    const before = world.logged.length;
    const order = { kind: 'reset-modem' } as const;
    world.controlPlane.order({ action: 'start', id: '00000000-0000-4000-8000-000000000001', ttlS: 60, order });
    await world.clock.advance(15_000);
    expect(modemsOf(world)).toMatchObject([{ connection: 'absent', fault: null }]);
    expect(world.logged.slice(before).map(({ event }) => event)).not.toContain('modem.command-failed');
    usb.plug({ ...at('1-2'), devnum: 3 });
    await world.clock.advance(minutes(1));
    expect(modemsOf(world)).toMatchObject([{ connection: 'verified', fault: null }]);
    await world.halt();
  });

  it('finds a modem by its IMEI wherever it is plugged in, and leaves others alone', async () => {
    const named = { config: { modems: [{ id: 'wan', imei: '490154203237518' }] } };
    const { world } = await started(named, bg96, at('1-7'));
    expect(modemsOf(world)).toMatchObject([{ id: 'wan', imei: '490154203237518', connection: 'verified' }]);
    await world.halt();
  });

  it('does not take another modem for the one that is named', async () => {
    const named = { config: { modems: [{ id: 'wan', imei: '490154203237500', usbPath: '1-7' }] } };
    const { world } = await started(named, at('1-7'));
    expect(modemsOf(world)).toMatchObject([{ id: 'wan', connection: 'absent', imei: null }]);
    await world.halt();
  });

  it.each([
    ['a driver that the kernel has not loaded', em7565Oem, 'host.driver-missing', /interface 3 waits for the driver qcserial/],
    ['a modem that waits for firmware', mc7455Boot, 'modem.in-boot-mode', /1199:9070/],
  ])('names %s', async (_name, device, code, evidence) => {
    const { world } = await started(unnamed, device);
    expect(modemsOf(world)).toMatchObject([{ connection: 'absent', fault: { code } }]);
    expect(modemsOf(world)[0]?.fault?.evidence.join('\n')).toMatch(evidence);
    await world.halt();
  });

  it('asks a modem that shows no AT port for one by its control port, once, and tells of it', async () => {
    const host = fakeHost();
    const { world, usb } = await started({ ...unnamed, host }, mc7455MbimOnly);
    const asked = host.ran.filter(([program]) => program === 'qmicli');
    expect(asked).toEqual([['qmicli', '-d', '/dev/cdc-wdm0', '-p', '--device-open-mbim', '--dms-swi-get-usb-composition']]);
    expect(modemsOf(world)).toMatchObject([{ connection: 'absent', fault: { code: 'modem.at-port-lost' } }]);
    usb.plug(at('2-1'));
    await world.clock.advance(minutes(2));
    expect(modemsOf(world)).toMatchObject([{ connection: 'verified', fault: null }]);
    await world.halt();
  });

  it('loads the drivers that a modem waits for, once, and tells them of an id that the kernel does not list', async () => {
    const host = fakeHost();
    const { world, usb } = await started({ ...unnamed, host }, em7565Oem);
    expect(host.bound).toEqual([{ drivers: ['qcserial', 'qmi_wwan'], vidPid: '1199:90c3', like: '1199:9091' }]);
    expect(modemsOf(world)).toMatchObject([{ fault: { code: 'host.driver-missing' } }]);
    usb.plug({ ...em7565Oem, devnum: 3 });
    await world.clock.advance(minutes(1));
    expect(host.bound).toHaveLength(2);
    await world.halt();
  });
});
