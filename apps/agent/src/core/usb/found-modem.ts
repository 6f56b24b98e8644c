import { type DataMode, type Model, modelsByUsbId, type UsbId, type UsbLayout } from '@towline/modem';
import type { UsbDevice, UsbInterface } from './usb-device.ts';

/** An interface that waits for its kernel driver. */
export interface UnboundInterface {
  readonly number: number;
  readonly driver: string;
}

/** A modem on the USB bus: where it is, and which of its interfaces does what. */
export interface FoundModem {
  readonly usbPath: string;
  readonly attachment: number;
  readonly vidPid: string;
  /** `boot`: it waits for firmware, which on a gateway means a crash or a half-done update. */
  readonly role: UsbId['role'];
  /** Set where the USB id leaves no choice; else the modem is asked who it is. */
  readonly model: Model | null;
  /** Name of the model or of what the device calls itself, for people. */
  readonly product: string;
  /** Data mode of the composition that it shows; null where that cannot be told. */
  readonly dataMode: DataMode | null;
  /** Ttys to look for AT on, best first, such as `/dev/ttyUSB2`. */
  readonly atPaths: readonly string[];
  readonly pppPath: string | null;
  /** `/dev/cdc-wdm0`. */
  readonly controlPath: string | null;
  readonly netInterface: string | null;
  /** Interfaces that the model's layout gives a driver and the kernel has not (yet). */
  readonly unbound: readonly UnboundInterface[];
  /**
   * How the modem is still reached where its composition shows no AT port, though it can have one: by the protocol of its control port. Null
   * where it shows one, or where nobody knows how to give it back.
   */
  readonly lostAtPort: { readonly controlPath: string; readonly over: 'qmi' | 'mbim' } | null;
  /** The mainline kernel does not list this USB id: the drivers have to be told of it. */
  readonly needsNewId: boolean;
  /** An id of the same interfaces that the kernel does list; null where there is none. */
  readonly listedAs: string | null;
}

/** Drivers that hold nothing but modems: whatever they hold is one, listed in a model or not. */
const modemDrivers: ReadonlySet<string | null> = new Set(['option', 'qcserial', 'sierra', 'qmi_wwan', 'cdc_mbim']);
const dev = (name: string | null) => (name === null ? null : `/dev/${name}`);

interface Reading {
  readonly model: Model;
  readonly usbId: UsbId;
  readonly layout: UsbLayout | null;
}

/** Interface class of a data mode's network function: CDC NCM 02/0d, MBIM 02/0e, ECM 02/06; RNDIS by its two spellings. */
const kindsOfMode: Readonly<Partial<Record<DataMode, readonly string[]>>> = {
  mbim: ['020e'],
  ncm: ['020d'],
  ecm: ['0206'],
  rndis: ['e001', '0202'],
};

/** How well a layout describes a device: every interface that agrees counts, a driver or class that does most. */
function agreement({ interfaces }: UsbDevice, layout: UsbLayout): number {
  let score = 0;
  for (const expected of layout.interfaces) {
    const real = interfaces.find(({ number }) => number === expected.number);
    if (!real) score -= 2;
    else score += real.driver === expected.driver ? 4 : 1;
    if (!real || expected.function !== 'network') continue;
    const kinds = layout.dataModes.flatMap((mode) => kindsOfMode[mode] ?? []);
    if (kinds.some((kind) => real.kind.startsWith(kind))) score += 4;
  }
  return score;
}

function bestLayout(device: UsbDevice, model: Model): UsbLayout | null {
  const layouts = model.usb.layouts.filter(({ vidPids }) => vidPids.includes(device.vidPid));
  return layouts.reduce<UsbLayout | null>(
    (best, layout) => (best && agreement(device, best) >= agreement(device, layout) ? best : layout),
    null,
  );
}

function readingsOf(device: UsbDevice): readonly Reading[] {
  return modelsByUsbId(device.vidPid).map(({ model, usbId }) => ({ model, usbId, layout: bestLayout(device, model) }));
}

function unboundOf({ interfaces }: UsbDevice, layout: UsbLayout | null): readonly UnboundInterface[] {
  return (layout?.interfaces ?? []).flatMap(({ number, driver }) =>
    interfaces.some((real) => real.number === number && real.driver === null) ? [{ number, driver }] : [],
  );
}

/** Ttys in the layout's order, then whatever other tty there is: a firmware may have moved its AT port. */
function atPathsOf(interfaces: readonly UsbInterface[], layout: UsbLayout | null): readonly string[] {
  const ttyOf = (number: number) => interfaces.find((one) => one.number === number)?.tty ?? null;
  const listed = (layout?.at ?? []).map(ttyOf);
  // A layout that names ports is believed: a wrong one may flood the host (quirk dbg-noise-on-wrong-port).
  const ttys = listed.some((tty) => tty !== null) ? listed : interfaces.map(({ tty }) => tty);
  return ttys.flatMap((tty) => dev(tty) ?? []);
}

function pppPathOf(interfaces: readonly UsbInterface[], layout: UsbLayout | null): string | null {
  const number = layout?.ppp ?? null;
  // Some layouts do not list PPP, yet every composition that has a modem port dials on it.
  const modem = number ?? layout?.interfaces.find((one) => one.function === 'modem')?.number;
  return dev(interfaces.find((one) => one.number === modem)?.tty ?? null);
}

function listedId(reading: Reading | undefined): string | null {
  const listed = reading?.model.usb.ids.filter(({ kernel, role }) => kernel === 'listed' && role === 'app') ?? [];
  return listed.find(({ vidPid }) => reading?.layout?.vidPids.includes(vidPid))?.vidPid ?? null;
}

/** Sierra's alone are given an AT port back by their control port. */
function lostAtPort({ interfaces }: UsbDevice, readings: readonly Reading[]): FoundModem['lostAtPort'] {
  const port = interfaces.find(({ control }) => control !== null);
  const controlPath = dev(port?.control ?? null);
  const isSierra = readings.length > 0 && readings.every(({ model }) => model.dataModes.dialect === 'usbcomp');
  const hasAt = readings.some(({ model }) =>
    model.usb.layouts.some(({ at }) => at.some((number) => interfaces.some((one) => one.number === number))),
  );
  return isSierra && !hasAt && controlPath !== null ? { controlPath, over: port?.driver === 'cdc_mbim' ? 'mbim' : 'qmi' } : null;
}

function foundModem(device: UsbDevice, readings: readonly Reading[]): FoundModem {
  const { interfaces } = device;
  const layout = readings[0]?.layout ?? null;
  const net = interfaces.find((one) => one.net !== null) ?? null;
  return {
    usbPath: device.path,
    attachment: device.attachment,
    vidPid: device.vidPid,
    role: readings[0]?.usbId.role ?? 'app',
    model: readings.length === 1 ? (readings[0]?.model ?? null) : null,
    product: readings.map(({ model }) => model.name).join(' or ') || (device.product ?? device.vidPid),
    dataMode: layout?.dataModes[0] ?? null,
    atPaths: atPathsOf(interfaces, layout),
    pppPath: pppPathOf(interfaces, layout),
    // The control port of the same interface as the network: a modem with two rmnet functions has two of each.
    controlPath: dev(net?.control ?? interfaces.find((one) => one.control !== null)?.control ?? null),
    netInterface: net?.net ?? null,
    unbound: unboundOf(device, layout),
    lostAtPort: readings[0]?.usbId.role === 'boot' ? null : lostAtPort(device, readings),
    needsNewId: readings[0]?.usbId.kernel === 'new-id',
    listedAs: listedId(readings[0]),
  };
}

/** The modems among the devices of a host, by USB path. Ports go by interface number, never by the number of a tty. */
export function foundModems(devices: readonly UsbDevice[]): readonly FoundModem[] {
  return devices
    .map((device) => ({ device, readings: readingsOf(device) }))
    .filter(({ device, readings }) => readings.length > 0 || device.interfaces.some(({ driver }) => modemDrivers.has(driver)))
    .map(({ device, readings }) => foundModem(device, readings))
    .toSorted((left, right) => (left.usbPath < right.usbPath ? -1 : 1));
}
