import { describe, expect, it } from 'vitest';
import { bench } from '../testing/bench.ts';
import { setup, usbHost } from '../testing/usb-host.ts';
import { appIdOf, bootIdOf } from './usb-ids.ts';
import { createUsbModem } from './usb-modem.ts';

const text = (bytes: Uint8Array | null): string => new TextDecoder('latin1').decode(bytes ?? new Uint8Array(0));
const bytes = (written: string): Uint8Array => new TextEncoder().encode(written);
const dtr = (interfaceNumber: number, up: boolean) => setup(0x21, 0x22, { value: up ? 1 : 0, index: interfaceNumber });

function plugged(model: string, options: Parameters<typeof bench>[1] = {}, vidPid?: string) {
  const table = bench(model, { timing: { minDelayMs: 5, maxDelayMs: 5, chunks: 'whole' }, ...options });
  const usb = createUsbModem({ busId: '1-1', modem: table.modem, ...(vidPid ? { vidPid } : {}) });
  const presence: boolean[] = [];
  usb.onPresence((present) => presence.push(present));
  return { ...table, usb, presence };
}

describe('a modem on a USB bus', () => {
  it('answers AT on the interface of its AT port once DTR is up', async () => {
    const { usb, clock } = plugged('ec200a');
    const host = usbHost(usb.enumerate());
    expect(host.request(dtr(3, true))).toHaveLength(0);
    host.write(0x0f, bytes('ATI\r'));
    await clock.advance(1_000);
    expect(text(host.read(0x86))).toContain('ATI');
    expect(text(host.read(0x86))).toContain('EC200A');
  });

  it('says nothing on its diagnostic port', async () => {
    const { usb, clock } = plugged('ec200a');
    const host = usbHost(usb.enumerate());
    host.request(dtr(2, true));
    host.write(0x0b, bytes('AT\r'));
    await clock.advance(5_000);
    expect(host.read(0x82)).toBeNull();
  });

  it('raises DCD with a data call and drops it when DTR falls', async () => {
    const { usb, clock, modem } = plugged('ec200a');
    const host = usbHost(usb.enumerate());
    host.request(dtr(4, true));
    host.write(0x0a, bytes('ATD*99#\r'));
    await clock.advance(2_000);
    expect([...(host.read(0x88) ?? [])]).toEqual([0xa1, 0x20, 0, 0, 4, 0, 2, 0, 3, 0]);
    expect(modem.state.running.pppCall).toEqual({ contextId: 1, role: 'ppp' });
    host.request(dtr(4, false));
    expect([...(host.read(0x88) ?? [])].at(-2)).toBe(2);
    expect(modem.state.running.pppCall).toBeNull();
  });

  it('leaves the bus on a reset and returns with the interfaces of the new data mode', async () => {
    const { usb, clock, presence } = plugged('ec200a');
    const before = usb.enumerate();
    const host = usbHost(before);
    host.request(dtr(3, true));
    host.write(0x0f, bytes('AT+QCFG="usbnet",3\r'));
    await clock.advance(500);
    host.write(0x0f, bytes('AT+CFUN=1,1\r'));
    await clock.advance(500);
    expect(presence).toEqual([false]);
    expect(usb.description).toBeNull();
    expect(host.request(setup(0x80, 6, { value: 0x0100, length: 18 }))).toBe('gone');
    expect(() => usb.enumerate()).toThrow('not on the bus');
    await clock.advance(15_000);
    expect(presence).toEqual([false, true]);
    expect(usb.description?.interfaces[0]?.class).toEqual([0xe0, 1, 3]);
  });

  it('has what lasts until then mended by a host that takes its configuration away, and by no restart', async () => {
    const { usb, clock, modem } = plugged('ec25');
    modem.misbehave({ kind: 'qmi-silent', until: 'unconfigured' });
    const configure = (value: number) => usbHost(usb.enumerate()).request(setup(0, 9, { value }));
    modem.restart();
    await clock.advance(20_000);
    configure(1);
    expect(modem.behaviours.find('qmi-silent')).toBeDefined();
    configure(0);
    expect(modem.behaviours.find('qmi-silent')).toBeUndefined();
  });

  it('ends what waits when it is pulled out, stays quiet, and starts anew when it is put in again', async () => {
    const { usb, clock, presence, modem } = plugged('mc7455');
    const device = usb.enumerate();
    const ends: string[] = [];
    device.submit({ endpoint: 0x84, setup: null, data: new Uint8Array(0), room: 64, complete: ({ status }) => ends.push(status) });
    usb.unplug();
    expect(ends).toEqual(['gone']);
    modem.restart();
    await clock.advance(100_000);
    expect(presence).toEqual([false]);
    usb.plug();
    await clock.advance(25_000);
    expect(presence).toEqual([false, true]);
  });

  it('keeps its power and its QMI clients while its data lines are parted, and forgets them when it is pulled out', async () => {
    const { usb, clock, presence, modem } = plugged('mc7455');
    // CTL, allocate a client id of DMS.
    const allocate = Uint8Array.of(1, 15, 0, 0, 0, 0, 0, 1, 0x22, 0, 4, 0, 1, 1, 0, 2);
    usbHost(usb.enumerate()).request(setup(0x21, 0, { index: 8, length: allocate.length }), allocate);
    expect(usb.qmiClients).toBe(1);
    usb.part();
    expect([presence, modem.present]).toEqual([[false], true]);
    expect(() => usb.enumerate()).toThrow('not on the bus');
    usb.rejoin();
    expect([presence, usb.qmiClients]).toEqual([[false, true], 1]);
    usb.unplug();
    usb.plug();
    await clock.advance(25_000);
    expect([presence, usb.qmiClients]).toEqual([[false, true, false, true], 0]);
  });

  it('gets nothing over bad wires, and all of it when they are mended', () => {
    const { usb, modem } = plugged('bg96');
    const host = usbHost(usb.enumerate());
    const mend = modem.misbehave({ kind: 'usb-errors' });
    expect(host.request(setup(0x80, 6, { value: 0x0100, length: 18 }))).toBe('protocol');
    mend();
    expect(host.request(setup(0x80, 6, { value: 0x0100, length: 18 }))).toHaveLength(18);
  });

  it('waits for firmware under the boot id of its own vendor', () => {
    const { usb, presence } = plugged('em7455', {}, '413c:81b6');
    usb.setBootMode(true);
    expect(presence).toEqual([false, true]);
    expect(usb.description).toMatchObject({ vendorId: 0x413c, productId: 0x81b5 });
    expect(usb.description?.interfaces).toHaveLength(1);
    usb.unplug();
    expect(usb.description).toBeNull();
    usb.plug();
    expect(usb.description).toMatchObject({ productId: 0x81b5 });
  });

  it.each([
    ['em7455', '1199:9079'],
    ['em7455', '413c:81b6'],
    ['em7565', '1199:90c3'],
  ])('%s shows itself under the id %s of another vendor', (model, vidPid) => {
    const { usb } = plugged(model, {}, vidPid);
    const { vendorId = 0, productId = 0 } = usb.description ?? {};
    expect(`${vendorId.toString(16)}:${productId.toString(16)}`).toBe(vidPid);
  });
});

describe('the USB id', () => {
  it('changes with the data mode where the vendor has one for each', () => {
    expect(appIdOf('le910c4', 'ecm')).toBe('1bc7:1206');
    expect(appIdOf('le910c4', 'ecm', '1bc7:1033')).toBe('1bc7:1033');
    expect(appIdOf('ec25', 'ncm', '2c7c:0125')).toBe('2c7c:0125');
  });

  it('of the boot loader is missing where the model has none', () => {
    expect(() => bootIdOf('ec200a', '2c7c:6005')).toThrow('no USB id for boot');
  });
});

describe('the standard requests', () => {
  const device = () => usbHost(plugged('ec200a').usb.enumerate());

  it('give each descriptor up to the length that is asked for', () => {
    const host = device();
    expect(host.request(setup(0x80, 6, { value: 0x0100, length: 8 }))).toHaveLength(8);
    expect(host.request(setup(0x80, 6, { value: 0x0200, length: 9 }))).toHaveLength(9);
    expect(host.request(setup(0x80, 6, { value: 0x0600, length: 10 }))).toHaveLength(10);
    expect(host.request(setup(0x80, 6, { value: 0x03ee, length: 18 }))).toBe('stall');
    expect(host.request(setup(0x80, 6, { value: 0x0f00, length: 5 }))).toBe('stall');
  });

  it('keep the configuration and the alternate settings', () => {
    const host = device();
    expect(host.request(setup(0x80, 8, { length: 1 }))).toEqual(Uint8Array.of(0));
    host.request(setup(0x00, 9, { value: 1 }));
    expect(host.request(setup(0x80, 8, { length: 1 }))).toEqual(Uint8Array.of(1));
    expect(host.request(setup(0x01, 11, { value: 1, index: 1 }))).toHaveLength(0);
    expect(host.request(setup(0x81, 10, { index: 1, length: 1 }))).toEqual(Uint8Array.of(1));
    expect(host.request(setup(0x01, 11, { value: 2, index: 1 }))).toBe('stall');
    expect(host.request(setup(0x01, 11, { value: 0, index: 9 }))).toBe('stall');
    expect(host.request(setup(0xc0, 0x77, { length: 1 }))).toBe('stall');
  });
});
