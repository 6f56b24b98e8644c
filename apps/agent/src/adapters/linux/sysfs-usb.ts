import type { UsbDevice, UsbInterface } from '../../core/usb/usb-device.ts';
import type { DirectoryTree } from './directory-tree.ts';

const busDevices = '/sys/bus/usb/devices';
/** `1-1.3` is a device, `usb1` a host controller, `1-1.3:1.2` an interface (sysfs-bus-usb). */
const devicePattern = /^\d+-\d+(\.\d+)*$/;

function ttyOf(tree: DirectoryTree, path: string): string | null {
  // usb-serial: ttyUSB2/ in the interface itself; cdc_acm: tty/ttyACM0.
  const own = tree.list(path).find((name) => /^tty[A-Z]+\d+$/.test(name));
  return own ?? tree.list(`${path}/tty`)[0] ?? null;
}

function interfaceOf(tree: DirectoryTree, path: string): UsbInterface | null {
  const number = tree.text(`${path}/bInterfaceNumber`);
  if (number === null) return null;
  const part = (name: string) => tree.text(`${path}/${name}`) ?? '00';
  return {
    number: Number.parseInt(number, 16),
    driver: tree.linkName(`${path}/driver`),
    kind: `${part('bInterfaceClass')}${part('bInterfaceSubClass')}${part('bInterfaceProtocol')}`.toLowerCase(),
    tty: ttyOf(tree, path),
    net: tree.list(`${path}/net`)[0] ?? null,
    control: tree.list(`${path}/usbmisc`).find((name) => name.startsWith('cdc-wdm')) ?? null,
  };
}

function deviceOf(tree: DirectoryTree, name: string): UsbDevice | null {
  const path = `${busDevices}/${name}`;
  const vendor = tree.text(`${path}/idVendor`);
  const product = tree.text(`${path}/idProduct`);
  if (vendor === null || product === null) return null;
  const names = tree.list(path).filter((entry) => entry.startsWith(`${name}:`));
  const interfaces = names.flatMap((entry) => interfaceOf(tree, `${path}/${entry}`) ?? []);
  return {
    path: name,
    attachment: Number(tree.text(`${path}/devnum`) ?? 0),
    vidPid: `${vendor}:${product}`.toLowerCase(),
    product: tree.text(`${path}/product`),
    interfaces: interfaces.toSorted((left, right) => left.number - right.number),
  };
}

/** Every USB device of the host with its interfaces, as the kernel shows them now. */
export function readUsbDevices(tree: DirectoryTree): readonly UsbDevice[] {
  return tree
    .list(busDevices)
    .filter((name) => devicePattern.test(name))
    .flatMap((name) => deviceOf(tree, name) ?? []);
}
