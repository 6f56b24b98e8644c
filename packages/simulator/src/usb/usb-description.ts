/** Class, subclass and protocol. */
export type UsbClass = readonly [number, number, number];

export interface UsbEndpoint {
  /** With the direction bit: 0x80 is towards the host. */
  readonly address: number;
  readonly transfer: 'bulk' | 'interrupt';
  readonly maxPacket: number;
  /** bInterval as in the descriptor. */
  readonly interval: number;
}

export interface UsbInterface {
  readonly number: number;
  readonly class: UsbClass;
  /** Class-specific descriptors behind alternate setting 0. */
  readonly functional: readonly Uint8Array[];
  /** Endpoints by alternate setting. */
  readonly alternates: readonly (readonly UsbEndpoint[])[];
}

export interface UsbAssociation {
  readonly first: number;
  readonly count: number;
  readonly class: UsbClass;
}

/** All that a high-speed device with one configuration tells of itself. */
export interface UsbDescription {
  readonly vendorId: number;
  readonly productId: number;
  /** bcdDevice. */
  readonly release: number;
  readonly class: UsbClass;
  /** String descriptors; the first is index 1. Manufacturer, product and serial number are found by `stringIndex`. */
  readonly strings: readonly string[];
  readonly stringIndex: { readonly manufacturer: number; readonly product: number; readonly serial: number };
  readonly attributes: number;
  readonly maxPowerMa: number;
  readonly associations: readonly UsbAssociation[];
  readonly interfaces: readonly UsbInterface[];
}
