/** One interface of a USB device, with what the kernel made of it. */
export interface UsbInterface {
  /** bInterfaceNumber. */
  readonly number: number;
  /** Kernel driver that holds it; null: none does. */
  readonly driver: string | null;
  /** Class, subclass and protocol, as six hexadecimal digits: `ff0000`. */
  readonly kind: string;
  /** Name under /dev, such as `ttyUSB2`; null where the driver makes no tty. */
  readonly tty: string | null;
  /** Name of the network interface at this moment, after any renaming. */
  readonly net: string | null;
  /** Name under /dev of the QMI or MBIM control port, such as `cdc-wdm0`. */
  readonly control: string | null;
}

/** One USB device as sysfs shows it. */
export interface UsbDevice {
  /** Bus and ports, such as `1-1.3`: the place on the host, which stays the same over a restart of the device. */
  readonly path: string;
  /** Grows with each attachment to the bus (sysfs devnum): it tells a device that came back from one that never left. */
  readonly attachment: number;
  /** Lower case, as in `lsusb`: `2c7c:6005`. */
  readonly vidPid: string;
  readonly product: string | null;
  readonly interfaces: readonly UsbInterface[];
}
