import { Fault } from '@towline/kit';
import { type DataMode, type Model, modelById, type UsbLayout, usbLayout } from '@towline/modem';
import { functionalDescriptors } from './functional-descriptors.ts';
import type { UsbClass, UsbDescription, UsbEndpoint, UsbInterface } from './usb-description.ts';

export type LayoutInterface = UsbLayout['interfaces'][number];

/** One modem as it shows itself on the bus now. */
export interface ModemOnBus {
  /** Id of a model of @towline/modem. */
  readonly model: string;
  /** `2c7c:6005`; one of the model's ids. */
  readonly vidPid: string;
  readonly dataMode: DataMode;
  /** The MAC that the host is told to take, six bytes. */
  readonly hostMac: Uint8Array;
  /** Whether the composition has the ports that take AT. */
  readonly atPorts: boolean;
}

export interface DescribedModem {
  readonly description: UsbDescription;
  /** What stands behind the interfaces; empty while the modem waits for firmware. */
  readonly layout: readonly LayoutInterface[];
}

function parseClass(text: string): UsbClass {
  const [main = 0, sub = 0, protocol = 0] = text.split('/').map((part) => Number.parseInt(part, 16));
  return [main, sub, protocol];
}

function parseEndpoint(text: string): UsbEndpoint {
  const [address = '', transfer, maxPacket, interval] = text.split(' ');
  return {
    address: Number.parseInt(address, 16),
    transfer: transfer === 'bulk' ? 'bulk' : 'interrupt',
    maxPacket: Number(maxPacket),
    interval: Number(interval ?? 0),
  };
}

/** `3.18` is 0x0318. */
function parseRelease(text: string): number {
  const [major = '0', minor = '0'] = text.split('.');
  return Number.parseInt(`${major.padStart(2, '0')}${minor}`, 16);
}

interface Shape {
  readonly number: number;
  readonly class?: string | undefined;
  readonly endpoints?: readonly string[] | undefined;
  readonly emptyAlternate?: boolean | undefined;
}

function unknownDescriptors(model: Model, what: string): Fault {
  return new Fault('simulator.no-usb-descriptors', `${model.id}: ${what} has no USB descriptors in its model file`);
}

function describeInterface(model: Model, shape: Shape, functional: readonly Uint8Array[]): UsbInterface {
  if (shape.class === undefined || shape.endpoints === undefined) throw unknownDescriptors(model, `interface ${shape.number}`);
  const endpoints = shape.endpoints.map(parseEndpoint);
  return {
    number: shape.number,
    class: parseClass(shape.class),
    functional,
    alternates: shape.emptyAlternate === true ? [[], endpoints] : [endpoints],
  };
}

/** Twelve digits, as CDC wants it. */
function macText(mac: Uint8Array): string {
  return [...mac].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');
}

type Parts = Pick<UsbDescription, 'associations' | 'interfaces'>;

function describeDevice(model: Model, on: ModemOnBus, parts: Parts): UsbDescription {
  const { device } = model.usb;
  if (!device) throw unknownDescriptors(model, 'the device');
  const [vendorId = 0, productId = 0] = on.vidPid.split(':').map((part) => Number.parseInt(part, 16));
  return {
    vendorId,
    productId,
    release: parseRelease(device.release),
    class: parseClass(device.class),
    strings: [device.manufacturer, device.product, device.serial ?? '', macText(on.hostMac)],
    stringIndex: { manufacturer: 1, product: 2, serial: device.serial === null ? 0 : 3 },
    attributes: Number.parseInt(device.attributes, 16),
    maxPowerMa: device.maxPowerMa,
    ...parts,
  };
}

const macString = 4;

/** The data interface of a network function is the one after its control interface. */
export function dataInterfaceOf(layout: readonly LayoutInterface[], control: LayoutInterface): number | null {
  const next = layout.find((one) => one.number === control.number + 1);
  return next?.driver === control.driver && next.function === 'network' ? next.number : null;
}

function functionalOf(layout: readonly LayoutInterface[], one: LayoutInterface): readonly Uint8Array[] {
  const data = dataInterfaceOf(layout, one);
  if (one.function !== 'network' || data === null) return [];
  return functionalDescriptors(one.driver, { control: one.number, data, macString });
}

function takesAt(one: LayoutInterface): boolean {
  return one.function === 'at' || one.function === 'modem';
}

/**
 * The descriptors of a modem by its model file.
 * @throws Fault `simulator.unknown-model`, `simulator.unknown-usb-id`, `simulator.no-usb-descriptors`
 */
export function describeModem(on: ModemOnBus): DescribedModem {
  const model = modelById(on.model);
  if (!model) throw new Fault('simulator.unknown-model', `no model ${on.model}`);
  const usbId = model.usb.ids.find(({ vidPid }) => vidPid === on.vidPid);
  if (!usbId) throw new Fault('simulator.unknown-usb-id', `${on.model} has no USB id ${on.vidPid}`);
  if (usbId.role === 'boot') {
    if (!model.usb.boot) throw unknownDescriptors(model, 'its boot mode');
    const interfaces = model.usb.boot.map((shape) => describeInterface(model, shape, []));
    return { description: describeDevice(model, on, { interfaces, associations: [] }), layout: [] };
  }
  const found = usbLayout(model, on.vidPid, on.dataMode);
  if (!found) throw unknownDescriptors(model, `${on.vidPid} in ${on.dataMode}`);
  const layout = found.interfaces.filter((one) => on.atPorts || !takesAt(one));
  const interfaces = layout.map((one) => describeInterface(model, one, functionalOf(layout, one)));
  const associations = (found.associations ?? []).map((one) => ({ ...one, class: parseClass(one.class) }));
  return { description: describeDevice(model, on, { interfaces, associations }), layout };
}
