import { ByteReader } from '../binary/byte-reader.ts';
import { ByteWriter } from '../binary/byte-writer.ts';

/** One field of a QMI message: a type that means something only within its message, and its value. */
export interface Tlv {
  readonly type: number;
  readonly value: Uint8Array;
}

/** The fields of one message, by type; absent and too short ones are null. */
export interface Tlvs {
  u8(type: number): number | null;
  u16(type: number): number | null;
  u32(type: number): number | null;
  text(type: number): string | null;
  reader(type: number): ByteReader | null;
}

/** @returns null when a length points outside the bytes */
export function decodeTlvs(bytes: Uint8Array): readonly Tlv[] | null {
  const reader = new ByteReader(bytes);
  const found: Tlv[] = [];
  while (reader.left > 0) {
    const type = reader.u8();
    const value = reader.bytes(reader.u16());
    if (!reader.whole) return null;
    found.push({ type, value });
  }
  return found;
}

export function encodeTlvs(tlvs: readonly Tlv[]): Uint8Array {
  const writer = new ByteWriter();
  for (const { type, value } of tlvs) writer.u8(type).u16(value.length).bytes(value);
  return writer.done();
}

/** Reads the fields of a request; of a type that comes twice the first counts. */
export function tlvsOf(tlvs: readonly Tlv[]): Tlvs {
  const reader = (type: number): ByteReader | null => {
    const found = tlvs.find((one) => one.type === type);
    return found ? new ByteReader(found.value) : null;
  };
  const number = (type: number, read: (from: ByteReader) => number): number | null => {
    const from = reader(type);
    if (!from) return null;
    const value = read(from);
    return from.whole ? value : null;
  };
  return {
    u8: (type) => number(type, (from) => from.u8()),
    u16: (type) => number(type, (from) => from.u16()),
    u32: (type) => number(type, (from) => from.u32()),
    text: (type) => {
      const from = reader(type);
      return from ? new TextDecoder('latin1').decode(from.rest()) : null;
    },
    reader,
  };
}

/** One field, written by `write`. */
export function tlv(type: number, write: (writer: ByteWriter) => ByteWriter): Tlv {
  return { type, value: write(new ByteWriter()).done() };
}
