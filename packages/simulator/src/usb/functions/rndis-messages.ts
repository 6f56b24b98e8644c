import { concatBytes, le32, readLe32 } from '../little-endian.ts';

/** What a host says over the control channel: MS-RNDIS clause 2.2. */
export type RndisCommand =
  | { readonly kind: 'initialize'; readonly id: number }
  | { readonly kind: 'halt' }
  | { readonly kind: 'query'; readonly id: number; readonly oid: number }
  | { readonly kind: 'set'; readonly id: number; readonly oid: number; readonly value: Uint8Array }
  | { readonly kind: 'reset' }
  | { readonly kind: 'keepalive'; readonly id: number }
  | { readonly kind: 'unknown' };

const messageType = { packet: 1, initialize: 2, halt: 3, query: 4, set: 5, reset: 6, keepalive: 8 } as const;
const completion = 0x8000_0000;

export const rndisStatus = { success: 0, failure: 0xc000_0001, notSupported: 0xc000_00bb } as const;

/** Offsets inside a message count from the request id, eight bytes in. */
const offsetOrigin = 8;

/** Never throws; what is too short to mean anything is `unknown`. */
export function parseRndisCommand(bytes: Uint8Array): RndisCommand {
  const id = readLe32(bytes, 8);
  const oid = readLe32(bytes, 12);
  if (bytes.length < 12 || readLe32(bytes, 4) > bytes.length) return { kind: 'unknown' };
  switch (readLe32(bytes, 0)) {
    case messageType.initialize:
      return { kind: 'initialize', id };
    case messageType.halt:
      return { kind: 'halt' };
    case messageType.query:
      return bytes.length >= 28 ? { kind: 'query', id, oid } : { kind: 'unknown' };
    case messageType.set: {
      const start = offsetOrigin + readLe32(bytes, 20);
      return bytes.length >= 28 ? { kind: 'set', id, oid, value: bytes.slice(start, start + readLe32(bytes, 16)) } : { kind: 'unknown' };
    }
    case messageType.reset:
      return { kind: 'reset' };
    case messageType.keepalive:
      return { kind: 'keepalive', id };
    default:
      return { kind: 'unknown' };
  }
}

function words(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap(le32));
}

/** Longest bulk transfer that the function takes, in bytes. */
export const rndisMaxTransfer = 16_384;

export function initializeComplete(id: number): Uint8Array {
  const connectionless = 1;
  const ethernetMedium = 0;
  return words(
    messageType.initialize | completion,
    52,
    id,
    rndisStatus.success,
    1,
    0,
    connectionless,
    ethernetMedium,
    1,
    rndisMaxTransfer,
    0,
    0,
    0,
  );
}

export function queryComplete(id: number, value: Uint8Array | null): Uint8Array {
  const status = value ? rndisStatus.success : rndisStatus.notSupported;
  const length = value?.length ?? 0;
  return concatBytes(
    words(messageType.query | completion, 24 + length, id, status, length, length === 0 ? 0 : 16),
    value ?? new Uint8Array(0),
  );
}

export function setComplete(id: number, status: number): Uint8Array {
  return words(messageType.set | completion, 16, id, status);
}

export function resetComplete(): Uint8Array {
  return words(messageType.reset | completion, 16, rndisStatus.success, 0);
}

export function keepaliveComplete(id: number): Uint8Array {
  return words(messageType.keepalive | completion, 16, id, rndisStatus.success);
}

const packetHeader = 44;

/** A REMOTE_NDIS_PACKET_MSG around one frame: MS-RNDIS clause 2.2.14. */
export function wrapFrame(frame: Uint8Array): Uint8Array {
  const head = new Uint8Array(packetHeader);
  head.set(words(messageType.packet, packetHeader + frame.length, packetHeader - offsetOrigin, frame.length));
  return concatBytes(head, frame);
}

/** The frames of one transfer, which may hold several messages; it ends at the first that does not fit. */
export function unwrapFrames(transfer: Uint8Array): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  let offset = 0;
  while (transfer.length - offset >= packetHeader) {
    const message = transfer.subarray(offset, offset + readLe32(transfer, offset + 4));
    const start = offsetOrigin + readLe32(message, 8);
    const length = readLe32(message, 12);
    if (readLe32(message, 0) !== messageType.packet || message.length < packetHeader || start + length > message.length) break;
    frames.push(message.slice(start, start + length));
    offset += message.length;
  }
  return frames;
}
