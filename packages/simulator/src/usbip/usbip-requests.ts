import { parseSetupPacket, type SetupPacket, setupLength } from '../usb/setup-packet.ts';

/** What a USB/IP client says. Wire format: Linux Documentation/usb/usbip_protocol.rst, protocol version 1.1.1. */
export type UsbipRequest =
  | { readonly kind: 'list-devices' }
  | { readonly kind: 'import'; readonly busId: string }
  | {
      readonly kind: 'submit';
      readonly sequence: number;
      readonly toHost: boolean;
      /** Endpoint number without its direction. */
      readonly endpoint: number;
      /** Room for data towards the host. */
      readonly room: number;
      readonly setup: SetupPacket;
      readonly data: Uint8Array;
    }
  | { readonly kind: 'unlink'; readonly sequence: number; readonly unlinked: number }
  /** Nothing after it can be understood: the connection is to be ended. */
  | { readonly kind: 'malformed'; readonly why: 'version' | 'operation' | 'command' | 'length' | 'isochronous' };

export const usbipVersion = 0x0111;
export const usbipCode = { listDevices: 0x8005, listDevicesReply: 0x0005, import: 0x8003, importReply: 0x0003 } as const;
export const usbipCommand = { submit: 1, unlink: 2, submitReply: 3, unlinkReply: 4 } as const;

const operationLength = 8;
export const busIdLength = 32;
export const headerLength = 48;
/** Largest transfer that is taken; the kernel's drivers for modems stay below 64 kB. */
export const transferBound = 1_048_576;
const noPackets = 0xffff_ffff;

/** One request and the bytes it took, or null while it is not whole. */
export interface Parsed {
  readonly request: UsbipRequest;
  readonly taken: number;
}

function malformed(why: Extract<UsbipRequest, { kind: 'malformed' }>['why']): Parsed {
  return { request: { kind: 'malformed', why }, taken: 0 };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The first request of a connection: OP_REQ_DEVLIST or OP_REQ_IMPORT. */
export function parseOperation(bytes: Uint8Array): Parsed | null {
  if (bytes.length < operationLength) return null;
  const view = viewOf(bytes);
  if (view.getUint16(0) !== usbipVersion) return malformed('version');
  if (view.getUint16(2) === usbipCode.listDevices) return { request: { kind: 'list-devices' }, taken: operationLength };
  if (view.getUint16(2) !== usbipCode.import) return malformed('operation');
  if (bytes.length < operationLength + busIdLength) return null;
  const name = bytes.subarray(operationLength, operationLength + busIdLength);
  const end = name.indexOf(0);
  const busId = new TextDecoder('latin1').decode(end < 0 ? name : name.subarray(0, end));
  return { request: { kind: 'import', busId }, taken: operationLength + busIdLength };
}

/** Any request after the import: USBIP_CMD_SUBMIT or USBIP_CMD_UNLINK. */
export function parseCommand(bytes: Uint8Array): Parsed | null {
  if (bytes.length < headerLength) return null;
  const view = viewOf(bytes);
  const sequence = view.getUint32(4);
  const command = view.getUint32(0);
  if (command === usbipCommand.unlink) {
    return { request: { kind: 'unlink', sequence, unlinked: view.getUint32(20) }, taken: headerLength };
  }
  if (command !== usbipCommand.submit) return malformed('command');
  const direction = view.getUint32(12);
  const endpoint = view.getUint32(16);
  const length = view.getUint32(24);
  const packets = view.getUint32(32);
  if (direction > 1 || endpoint > 15 || length > transferBound) return malformed('length');
  if (packets !== 0 && packets !== noPackets) return malformed('isochronous');
  const toHost = direction === 1;
  const taken = headerLength + (toHost ? 0 : length);
  if (bytes.length < taken) return null;
  const setup = parseSetupPacket(bytes.subarray(headerLength - setupLength, headerLength));
  const data = bytes.slice(headerLength, taken);
  return { request: { kind: 'submit', sequence, toHost, endpoint, room: toHost ? length : 0, setup, data }, taken };
}
