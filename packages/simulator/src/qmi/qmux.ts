import { ByteReader } from '../binary/byte-reader.ts';
import { ByteWriter } from '../binary/byte-writer.ts';
import { decodeTlvs, encodeTlvs, type Tlv } from './tlv.ts';

export type QmiMessageKind = 'request' | 'response' | 'indication';

/** One message of one QMI service. */
export interface QmiMessage {
  /** 0 CTL, 1 WDS, 2 DMS, 3 NAS, 11 UIM, 26 WDA. */
  readonly service: number;
  /** 0 for CTL, 255 to every client of the service. */
  readonly client: number;
  readonly kind: QmiMessageKind;
  /** One byte for CTL, two for the others; 0 in indications. */
  readonly transaction: number;
  readonly id: number;
  readonly tlvs: readonly Tlv[];
}

const marker = 0x01;
const headerBytes = 6;

/** Control flags: the CTL service has bits of its own, one place lower than the other services. */
const ctlFlags = { request: 0, response: 1, indication: 2 } as const;
const serviceFlags = { request: 0, response: 2, indication: 4 } as const;

function kindOf(flags: number, table: Readonly<Record<QmiMessageKind, number>>): QmiMessageKind {
  if ((flags & table.indication) !== 0) return 'indication';
  return (flags & table.response) === 0 ? 'request' : 'response';
}

/** One whole QMUX frame. @param from who sends it: a bit of the frame's own flags says so */
export function encodeQmux(message: QmiMessage, from: 'host' | 'modem'): Uint8Array {
  const { service, client, kind, transaction, id } = message;
  const tlvs = encodeTlvs(message.tlvs);
  const isControl = service === 0;
  const length = headerBytes - 1 + (isControl ? 6 : 7) + tlvs.length;
  const writer = new ByteWriter(length + 1).u8(marker).u16(length);
  writer
    .u8(from === 'modem' ? 0x80 : 0)
    .u8(service)
    .u8(client);
  if (isControl) writer.u8(ctlFlags[kind]).u8(transaction);
  else writer.u8(serviceFlags[kind]).u16(transaction);
  return writer.u16(id).u16(tlvs.length).bytes(tlvs).done();
}

/** @returns null for what is not one whole well-formed frame */
export function decodeQmux(bytes: Uint8Array): QmiMessage | null {
  const reader = new ByteReader(bytes);
  if (reader.u8() !== marker || reader.u16() !== bytes.length - 1) return null;
  reader.u8();
  const service = reader.u8();
  const client = reader.u8();
  const flags = reader.u8();
  const transaction = service === 0 ? reader.u8() : reader.u16();
  const id = reader.u16();
  const length = reader.u16();
  if (!reader.whole || length !== reader.left) return null;
  const tlvs = decodeTlvs(reader.rest());
  return tlvs && { service, client, kind: kindOf(flags, service === 0 ? ctlFlags : serviceFlags), transaction, id, tlvs };
}

/** Bytes that may hold a frame: a stream (a PTY) that carries QMUX is cut by this length, in bytes; null until it can be told. */
export function qmuxLength(bytes: Uint8Array): number | null {
  return bytes.length < 3 ? null : 1 + ((bytes[1] ?? 0) | ((bytes[2] ?? 0) << 8));
}
