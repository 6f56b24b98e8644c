import type { DirectoryTree } from '../adapters/linux/directory-tree.ts';

/** `number: class driver products…`; a product is `ttyUSB0`, `net/wwan0` or `usbmisc/cdc-wdm0`. */
type InterfaceLine = string;

export interface DeviceFixture {
  readonly path: string;
  readonly vidPid: string;
  readonly product?: string;
  readonly devnum?: number;
  readonly interfaces: readonly InterfaceLine[];
}

function filesOf({ path, vidPid, product, devnum = 2, interfaces }: DeviceFixture): Record<string, string> {
  const root = `/sys/bus/usb/devices/${path}`;
  const [vendor = '', id = ''] = vidPid.split(':');
  const files: Record<string, string> = { [`${root}/idVendor`]: vendor, [`${root}/idProduct`]: id, [`${root}/devnum`]: String(devnum) };
  if (product !== undefined) files[`${root}/product`] = product;
  for (const line of interfaces) {
    const [number = '', kind = '', driver = '', ...products] = line.split(' ');
    const place = `${root}/${path}:1.${Number(number)}`;
    files[`${place}/bInterfaceNumber`] = Number(number).toString(16).padStart(2, '0');
    files[`${place}/bInterfaceClass`] = kind.slice(0, 2);
    files[`${place}/bInterfaceSubClass`] = kind.slice(2, 4);
    files[`${place}/bInterfaceProtocol`] = kind.slice(4, 6);
    if (driver !== '-') files[`${place}/driver`] = `../../../../bus/usb/drivers/${driver}`;
    for (const made of products) files[`${place}/${made}/uevent`] = '';
  }
  return files;
}

/** A sysfs tree that holds these devices. */
export function usbTree(...devices: readonly DeviceFixture[]): DirectoryTree {
  const files = new Map(devices.flatMap((device) => Object.entries(filesOf(device))));
  files.set('/sys/bus/usb/devices/usb1/idVendor', '1d6b');
  files.set('/sys/bus/usb/devices/usb1/idProduct', '0002');
  return {
    list(path) {
      const below = [...files.keys()].filter((file) => file.startsWith(`${path}/`)).map((file) => file.slice(path.length + 1));
      return [...new Set(below.map((rest) => rest.split('/')[0] ?? ''))];
    },
    text: (path) => (path.endsWith('/driver') ? null : (files.get(path) ?? null)),
    linkName: (path) => files.get(path)?.split('/').at(-1) ?? null,
  };
}

/** Composed from the drivers' alias tables of kernel 6.1 and the field reports' listings; `product` as a host would show it. */
export const bg96: DeviceFixture = {
  path: '3-4',
  vidPid: '2c7c:0296',
  product: 'Qualcomm CDMA Technologies MSM',
  interfaces: [
    '0 ff0000 option ttyUSB4',
    '1 ff0000 option ttyUSB5',
    '2 ff0000 option ttyUSB6',
    '3 ff0000 option ttyUSB9',
    '4 ffffff qmi_wwan net/wwp0s20u9u3i4 usbmisc/cdc-wdm2',
  ],
};

export const ec200aEcm: DeviceFixture = {
  path: '1-1.3',
  vidPid: '2c7c:6005',
  product: 'Android',
  interfaces: [
    '0 020600 cdc_ether net/usb0',
    '1 0a0000 cdc_ether',
    '2 ff0000 option ttyUSB0',
    '3 ff0000 option ttyUSB1',
    '4 ff0000 option ttyUSB2',
    '6 ff0000 option ttyUSB3',
  ],
};

export const ec200aRndis: DeviceFixture = {
  ...ec200aEcm,
  interfaces: ['0 e00103 rndis_host net/eth1', '1 0a0000 rndis_host', ...ec200aEcm.interfaces.slice(2)],
};

export const ec25Mbim: DeviceFixture = {
  path: '1-2',
  vidPid: '2c7c:0125',
  interfaces: [
    '0 ffffff option ttyUSB0',
    '1 ff0000 option ttyUSB1',
    '2 ff0000 option ttyUSB2',
    '3 ff0000 option ttyUSB3',
    '4 020e00 cdc_mbim net/wwan0 usbmisc/cdc-wdm0',
    '5 0a0002 cdc_mbim',
  ],
};

export const mc7455TwoNetworks: DeviceFixture = {
  path: '2-1',
  vidPid: '1199:9071',
  interfaces: [
    '0 ffffff qcserial ttyUSB0',
    '2 ff0000 qcserial ttyUSB1',
    '3 ff0000 qcserial ttyUSB2',
    '8 ffffff qmi_wwan net/wwan0 usbmisc/cdc-wdm0',
    '10 ffffff qmi_wwan net/wwan1 usbmisc/cdc-wdm1',
  ],
};

/** In a composition of the network function alone. */
export const mc7455MbimOnly: DeviceFixture = {
  path: '2-1',
  vidPid: '1199:9071',
  interfaces: ['12 020e00 cdc_mbim net/wwan0 usbmisc/cdc-wdm0', '13 0a0002 cdc_mbim'],
};

/** No mainline driver lists this id. */
export const em7565Oem: DeviceFixture = {
  path: '1-3',
  vidPid: '1199:90c3',
  interfaces: ['0 ffffff -', '2 ff0000 -', '3 ff0000 -', '8 ffffff -'],
};

export const mc7455Boot: DeviceFixture = { path: '2-1', vidPid: '1199:9070', interfaces: ['0 ff0000 qcserial ttyUSB0'] };

export const unknownModem: DeviceFixture = {
  path: '1-4',
  vidPid: '05c6:9215',
  product: 'Acme LTE',
  interfaces: ['0 ffffff option ttyUSB0', '1 ff0000 option ttyUSB1'],
};

export const keyboard: DeviceFixture = { path: '1-5', vidPid: '046d:c31c', interfaces: ['0 030101 usbhid'] };
