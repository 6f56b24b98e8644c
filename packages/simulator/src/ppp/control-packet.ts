import { byteAt, concatBytes, uint16At, uint16Bytes } from '../ip/address.ts';

/** Codes of RFC 1661 clause 5; the network control protocols use the first seven. */
export const codes = {
  configureRequest: 1,
  configureAck: 2,
  configureNak: 3,
  configureReject: 4,
  terminateRequest: 5,
  terminateAck: 6,
  codeReject: 7,
  protocolReject: 8,
  echoRequest: 9,
  echoReply: 10,
  discardRequest: 11,
} as const;

export interface ControlPacket {
  readonly code: number;
  readonly id: number;
  readonly data: Uint8Array;
}

export interface ControlOption {
  readonly type: number;
  readonly value: Uint8Array;
}

/** Null for what is cut short; padding is taken off. */
export function parseControlPacket(bytes: Uint8Array): ControlPacket | null {
  const length = uint16At(bytes, 2);
  if (length < 4 || length > bytes.length) return null;
  return { code: byteAt(bytes, 0), id: byteAt(bytes, 1), data: bytes.subarray(4, length) };
}

export function buildControlPacket({ code, id, data }: ControlPacket): Uint8Array {
  return concatBytes(Uint8Array.of(code, id & 0xff), uint16Bytes(data.length + 4), data);
}

/** Null when the lengths do not add up. */
export function parseControlOptions(data: Uint8Array): readonly ControlOption[] | null {
  const options: ControlOption[] = [];
  for (let offset = 0; offset < data.length; ) {
    const length = byteAt(data, offset + 1);
    if (length < 2 || offset + length > data.length) return null;
    options.push({ type: byteAt(data, offset), value: data.subarray(offset + 2, offset + length) });
    offset += length;
  }
  return options;
}

export function buildControlOptions(options: readonly ControlOption[]): Uint8Array {
  return concatBytes(...options.map(({ type, value }) => concatBytes(Uint8Array.of(type, value.length + 2), value)));
}
