import { describe, expect, it } from 'vitest';
import { foundModems } from '../../core/usb/found-modem.ts';
import {
  bg96,
  type DeviceFixture,
  ec25Mbim,
  ec200aEcm,
  ec200aRndis,
  em7565Oem,
  keyboard,
  mc7455Boot,
  mc7455MbimOnly,
  mc7455TwoNetworks,
  unknownModem,
  usbTree,
} from '../../testing/usb-trees.ts';
import { readUsbDevices } from './sysfs-usb.ts';

const found = (...devices: DeviceFixture[]) => foundModems(readUsbDevices(usbTree(...devices)));

describe('modems on the USB bus', () => {
  it('are found by interface number, whatever their ttys are called and their network was renamed to', () => {
    expect(found(bg96)).toMatchObject([
      {
        usbPath: '3-4',
        vidPid: '2c7c:0296',
        role: 'app',
        model: { id: 'bg96' },
        dataMode: 'qmi',
        atPaths: ['/dev/ttyUSB6', '/dev/ttyUSB9'],
        pppPath: '/dev/ttyUSB9',
        controlPath: '/dev/cdc-wdm2',
        netInterface: 'wwp0s20u9u3i4',
        unbound: [],
      },
    ]);
  });

  it.each([
    ['ECM', ec200aEcm, 'ecm', 'usb0'],
    ['RNDIS', ec200aRndis, 'rndis', 'eth1'],
    ['MBIM', ec25Mbim, 'mbim', 'wwan0'],
  ])('tell their data mode by what holds the network: %s', (_name, device, dataMode, netInterface) => {
    expect(found(device)).toMatchObject([{ dataMode, netInterface }]);
  });

  it('have a dial port in RNDIS too, though no layout lists PPP there', () => {
    expect(found(ec200aRndis)).toMatchObject([{ atPaths: ['/dev/ttyUSB1', '/dev/ttyUSB2'], pppPath: '/dev/ttyUSB2' }]);
  });

  it('leave the model open where several share a USB id', () => {
    expect(found(mc7455TwoNetworks)).toMatchObject([{ model: null, product: expect.stringContaining(' or ') }]);
  });

  it('tell a composition without an AT port from one whose drivers are missing', () => {
    expect(found(mc7455MbimOnly)).toMatchObject([{ lostAtPort: { controlPath: '/dev/cdc-wdm0', over: 'mbim' } }]);
    const others = [mc7455TwoNetworks, em7565Oem, mc7455Boot, ec25Mbim].flatMap((device) => found(device));
    expect(others.map(({ lostAtPort }) => lostAtPort)).toEqual([null, null, null, null]);
  });

  it('use the control port that goes with the network interface', () => {
    expect(found(mc7455TwoNetworks)).toMatchObject([{ netInterface: 'wwan0', controlPath: '/dev/cdc-wdm0' }]);
  });

  it('name the drivers that are missing, and whether the kernel has to be told of the id', () => {
    const [modem] = found(em7565Oem);
    expect(modem).toMatchObject({ model: { id: 'em7565' }, needsNewId: true, atPaths: [], netInterface: null });
    expect(modem?.unbound).toEqual([
      { number: 0, driver: 'qcserial' },
      { number: 2, driver: 'qcserial' },
      { number: 3, driver: 'qcserial' },
      { number: 8, driver: 'qmi_wwan' },
    ]);
  });

  it('show when one waits for firmware', () => {
    expect(found(mc7455Boot)).toMatchObject([{ role: 'boot' }]);
  });

  it('include those that no model describes but a modem driver holds, and nothing else', () => {
    expect(found(unknownModem, keyboard)).toMatchObject([
      { usbPath: '1-4', model: null, product: 'Acme LTE', atPaths: ['/dev/ttyUSB0', '/dev/ttyUSB1'] },
    ]);
  });

  it('come in the order of their USB paths', () => {
    expect(found(bg96, ec200aEcm, ec25Mbim).map(({ usbPath }) => usbPath)).toEqual(['1-1.3', '1-2', '3-4']);
  });
});
