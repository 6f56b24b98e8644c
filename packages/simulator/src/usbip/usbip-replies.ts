import { concatBytes } from '../usb/little-endian.ts';
import type { UrbResult, UrbStatus } from '../usb/urb.ts';
import type { UsbDescription } from '../usb/usb-description.ts';
import { busIdLength, headerLength, usbipCode, usbipCommand, usbipVersion } from './usbip-requests.ts';

/** A device in the words of the protocol. */
export interface ExportedDevice {
  /** `1-1`. */
  readonly busId: string;
  readonly busNumber: number;
  readonly deviceNumber: number;
  readonly description: UsbDescription;
}

/** ST_OK, ST_NA, ST_DEV_BUSY and ST_NODEV of Linux tools/usb/usbip/libsrc/usbip_common.h. */
export const usbipStatus = { ok: 0, busy: 2, noDevice: 4 } as const;

const pathLength = 256;
const recordLength = pathLength + busIdLength + 24;
const highSpeed = 3;

function bigEndian(length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

function operation(code: number, status: number): Uint8Array {
  return bigEndian(8, (view) => {
    view.setUint16(0, usbipVersion);
    view.setUint16(2, code);
    view.setUint32(4, status);
  });
}

function record({ busId, busNumber, deviceNumber, description }: ExportedDevice): Uint8Array {
  const bytes = bigEndian(recordLength, (view) => {
    const numbers = pathLength + busIdLength;
    view.setUint32(numbers, busNumber);
    view.setUint32(numbers + 4, deviceNumber);
    view.setUint32(numbers + 8, highSpeed);
    view.setUint16(numbers + 12, description.vendorId);
    view.setUint16(numbers + 14, description.productId);
    view.setUint16(numbers + 16, description.release);
  });
  const encoder = new TextEncoder();
  bytes.set(encoder.encode(`/sys/devices/simulated/${busId}`).subarray(0, pathLength - 1));
  bytes.set(encoder.encode(busId).subarray(0, busIdLength - 1), pathLength);
  // Class, configuration in force, configurations, interfaces.
  bytes.set([...description.class, 0, 1, description.interfaces.length], recordLength - 6);
  return bytes;
}

/** OP_REP_DEVLIST. */
export function encodeDeviceList(devices: readonly ExportedDevice[]): Uint8Array {
  const count = bigEndian(4, (view) => view.setUint32(0, devices.length));
  const records = devices.flatMap((device) => [
    record(device),
    ...device.description.interfaces.map((one) => Uint8Array.from([...one.class, 0])),
  ]);
  return concatBytes(operation(usbipCode.listDevicesReply, usbipStatus.ok), count, ...records);
}

/** OP_REP_IMPORT with the device. */
export function encodeImported(device: ExportedDevice): Uint8Array {
  return concatBytes(operation(usbipCode.importReply, usbipStatus.ok), record(device));
}

/** OP_REP_IMPORT that refuses. */
export function encodeImportRefused(status: number): Uint8Array {
  return operation(usbipCode.importReply, status);
}

/** Linux errno: EPIPE for a stall, ESHUTDOWN for a device that left, EPROTO for an error on the wire. */
const errnoOf: Readonly<Record<UrbStatus, number>> = { ok: 0, stall: -32, gone: -108, protocol: -71 };
const connectionReset = -104;

/** USBIP_RET_SUBMIT. */
export function encodeSubmitReply(sequence: number, result: UrbResult): Uint8Array {
  const header = bigEndian(headerLength, (view) => {
    view.setUint32(0, usbipCommand.submitReply);
    view.setUint32(4, sequence);
    view.setInt32(20, errnoOf[result.status]);
    view.setUint32(24, result.length);
  });
  return concatBytes(header, result.data);
}

/** USBIP_RET_UNLINK: an URB that was taken back ends with ECONNRESET; 0 says that it had been completed before. */
export function encodeUnlinkReply(sequence: number, takenBack: boolean): Uint8Array {
  return bigEndian(headerLength, (view) => {
    view.setUint32(0, usbipCommand.unlinkReply);
    view.setUint32(4, sequence);
    view.setInt32(20, takenBack ? connectionReset : 0);
  });
}
