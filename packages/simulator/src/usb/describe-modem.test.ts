import { models } from '@towline/modem';
import { describe, expect, it } from 'vitest';
import { ec200aUsbDevices } from '../testing/ec200a-usb-devices.ts';
import { usbDevicesListing } from '../testing/usb-devices-listing.ts';
import { describeModem } from './describe-modem.ts';
import { configurationDescriptor, deviceDescriptor, stringDescriptor } from './descriptors.ts';

const hostMac = Uint8Array.from([0x02, 0x0c, 0x29, 1, 2, 3]);

function described(model: string, vidPid: string, dataMode: 'ecm' | 'qmi' | 'mbim' = 'qmi') {
  return describeModem({ model, vidPid, dataMode, hostMac, atPorts: true });
}

describe('the descriptors of a modem', () => {
  it('give for an EC200A in ECM the listing that a K230 board showed', () => {
    const { description, layout } = described('ec200a', '2c7c:6005', 'ecm');
    const listing = usbDevicesListing({
      device: deviceDescriptor(description),
      configuration: configurationDescriptor(description),
      manufacturer: description.strings[0] ?? '',
      product: description.strings[1] ?? '',
      serial: description.strings[2] ?? '',
      drivers: new Map(layout.map(({ number, driver }) => [number, driver])),
    });
    expect(listing).toBe(ec200aUsbDevices);
  });

  it('tell the host its MAC in the string that the Ethernet descriptor names', () => {
    const { description } = described('ec200a', '2c7c:6005', 'ecm');
    const [header, union, ethernet] = description.interfaces[0]?.functional ?? [];
    expect([...(header ?? [])]).toEqual([5, 0x24, 0x00, 0x10, 0x01]);
    expect([...(union ?? [])]).toEqual([5, 0x24, 0x06, 0, 1]);
    expect(ethernet?.[3]).toBe(4);
    expect(description.strings[3]).toBe('020C29010203');
    expect(stringDescriptor(description, 4)?.length).toBe(26);
    expect(stringDescriptor(description, 9)).toBeNull();
  });

  it('name interfaces 12 and 13 in the MBIM composition of a Sierra module, the data interface with an empty alternate', () => {
    const { description } = described('em7565', '1199:9091', 'mbim');
    expect(description.interfaces.map(({ number }) => number)).toEqual([0, 2, 3, 12, 13]);
    expect(description.interfaces[4]?.alternates.map((endpoints) => endpoints.length)).toEqual([0, 2]);
    expect([...(description.interfaces[3]?.functional[2] ?? [])].slice(0, 3)).toEqual([12, 0x24, 0x1b]);
  });

  it.each(['1199:9070', '1199:9078', '413c:81b5'])('show under the boot id %s one interface with two bulk endpoints', (vidPid) => {
    const { description, layout } = described('em7455', vidPid);
    expect(layout).toEqual([]);
    expect(description.interfaces.map(({ alternates }) => alternates.map((endpoints) => endpoints.length))).toEqual([[2]]);
  });

  it('lack the ports that take AT when the composition lacks them', () => {
    const { layout } = describeModem({ model: 'em7565', vidPid: '1199:9091', dataMode: 'qmi', hostMac, atPorts: false });
    expect(layout.map(({ number }) => number)).toEqual([0, 2, 8]);
  });

  it.each(models.filter((model) => model.usb.device).flatMap((model) => model.usb.layouts.map((layout) => ({ model, layout }))))(
    '$model.id in $layout.dataModes: each endpoint address stands once',
    ({ model, layout }) => {
      const [vidPid = ''] = layout.vidPids;
      const [dataMode = 'qmi'] = layout.dataModes;
      const { description } = describeModem({ model: model.id, vidPid, dataMode, hostMac, atPorts: true });
      const addresses = description.interfaces.flatMap(({ alternates }) => alternates.flat().map(({ address }) => address));
      expect(new Set(addresses).size).toBe(addresses.length);
    },
  );

  it('are refused for ids and models that do not exist', () => {
    expect(() => described('ec200a', '1199:9071')).toThrow('no USB id');
    expect(() => described('ec999', '1199:9071')).toThrow('no model');
    expect(() => described('me909', '12d1:15c1')).toThrow('no USB descriptors');
  });
});
