import { concatBytes, le16 } from './little-endian.ts';
import type { UsbAssociation, UsbDescription, UsbEndpoint, UsbInterface } from './usb-description.ts';

/** Descriptor types of USB 2.0 table 9-5, and the association descriptor of its ECN. */
export const descriptorType = {
  device: 1,
  configuration: 2,
  string: 3,
  interface: 4,
  endpoint: 5,
  deviceQualifier: 6,
  association: 11,
} as const;

/** One descriptor: length and type go before its fields. */
export function descriptor(type: number, fields: readonly number[]): Uint8Array {
  return Uint8Array.from([fields.length + 2, type, ...fields]);
}

const usb20 = 0x0200;
const maxPacket0 = 64;

export function deviceDescriptor(device: UsbDescription): Uint8Array {
  const { manufacturer, product, serial } = device.stringIndex;
  return descriptor(descriptorType.device, [
    ...le16(usb20),
    ...device.class,
    maxPacket0,
    ...le16(device.vendorId),
    ...le16(device.productId),
    ...le16(device.release),
    manufacturer,
    product,
    serial,
    1,
  ]);
}

/** What the device would be at full speed; asked of every USB 2.0 device. */
export function deviceQualifierDescriptor(device: UsbDescription): Uint8Array {
  return descriptor(descriptorType.deviceQualifier, [...le16(usb20), ...device.class, maxPacket0, 1, 0]);
}

function endpointDescriptor(endpoint: UsbEndpoint): Uint8Array {
  const attributes = endpoint.transfer === 'bulk' ? 2 : 3;
  return descriptor(descriptorType.endpoint, [endpoint.address, attributes, ...le16(endpoint.maxPacket), endpoint.interval]);
}

function interfaceDescriptors(one: UsbInterface): readonly Uint8Array[] {
  return one.alternates.flatMap((endpoints, alternate) => [
    descriptor(descriptorType.interface, [one.number, alternate, endpoints.length, ...one.class, 0]),
    ...(alternate === 0 ? one.functional : []),
    ...endpoints.map(endpointDescriptor),
  ]);
}

function associationDescriptor({ first, count, class: usbClass }: UsbAssociation): Uint8Array {
  return descriptor(descriptorType.association, [first, count, ...usbClass, 0]);
}

/** The one configuration with all that hangs under it, as `GET_DESCRIPTOR` gives it. */
export function configurationDescriptor(device: UsbDescription): Uint8Array {
  const parts = device.interfaces.flatMap((one) => [
    ...device.associations.filter(({ first }) => first === one.number).map(associationDescriptor),
    ...interfaceDescriptors(one),
  ]);
  const body = concatBytes(...parts);
  const head = descriptor(descriptorType.configuration, [
    ...le16(9 + body.length),
    device.interfaces.length,
    1,
    0,
    device.attributes,
    device.maxPowerMa / 2,
  ]);
  return concatBytes(head, body);
}

const englishUnitedStates = 0x0409;

/** Index 0 is the list of languages; null: there is no such string. */
export function stringDescriptor(device: UsbDescription, index: number): Uint8Array | null {
  if (index === 0) return descriptor(descriptorType.string, le16(englishUnitedStates));
  const text = device.strings[index - 1];
  if (text === undefined) return null;
  const units = Array.from({ length: text.length }, (_, at) => le16(text.charCodeAt(at))).flat();
  return descriptor(descriptorType.string, units);
}
