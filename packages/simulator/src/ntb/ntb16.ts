import { ByteReader } from '../binary/byte-reader.ts';
import { ByteWriter } from '../binary/byte-writer.ts';

/** What the datagrams of one table are: Ethernet frames (NCM), or IP packets of an MBIM session. */
export type NtbStream = { readonly kind: 'ethernet' } | { readonly kind: 'ip'; readonly session: number };

export interface NtbDatagram {
  readonly stream: NtbStream;
  readonly data: Uint8Array;
}

/** "NCMH", "NCM0" and "IPS" with the session in its last byte: NCM 1.0 tables 3-1 and 3-3, MBIM 1.0 clause 7. */
const headerSignature = 0x484d_434e;
const ethernetSignature = 0x304d_434e;
const ipSignature = 0x0053_5049;
const headerBytes = 12;
const tableBytes = 8;
const entryBytes = 4;

function signatureOf(stream: NtbStream): number {
  return stream.kind === 'ethernet' ? ethernetSignature : (ipSignature | (stream.session << 24)) >>> 0;
}

function streamOf(signature: number): NtbStream | null {
  if (signature === ethernetSignature) return { kind: 'ethernet' };
  return (signature & 0xff_ffff) === ipSignature ? { kind: 'ip', session: signature >>> 24 } : null;
}

/**
 * One block with one table behind its header and the datagrams behind that, each at a multiple of four.
 * @param block sequence number modulo 65536, and what the datagrams are
 */
export function encodeNtb16(datagrams: readonly Uint8Array[], block: { sequence: number; stream: NtbStream }): Uint8Array {
  const length = tableBytes + (datagrams.length + 1) * entryBytes;
  const writer = new ByteWriter(headerBytes + length + datagrams.reduce((sum, one) => sum + one.length + 3, 0));
  writer
    .u32(headerSignature)
    .u16(headerBytes)
    .u16(block.sequence & 0xffff)
    .u16(0)
    .u16(headerBytes);
  writer.u32(signatureOf(block.stream)).u16(length).u16(0);
  const entries = writer.length;
  writer.bytes(new Uint8Array((datagrams.length + 1) * entryBytes));
  for (const [index, datagram] of datagrams.entries()) {
    writer.align(4);
    writer.patch(entries + index * entryBytes, writer.length, 2).patch(entries + index * entryBytes + 2, datagram.length, 2);
    writer.bytes(datagram);
  }
  return writer.patch(8, writer.length, 2).done();
}

/** Tables that one block may chain: more is a loop or an attack. */
const tableLimit = 16;

/** Datagrams of one table; entries that point outside are left out, as a zero entry ends them. */
function readTable(bytes: Uint8Array, at: number): { readonly datagrams: readonly NtbDatagram[]; readonly next: number } | null {
  const reader = new ByteReader(bytes, at);
  const stream = streamOf(reader.u32());
  const length = reader.u16();
  const next = reader.u16();
  if (!reader.whole || length < tableBytes + entryBytes) return null;
  const datagrams: NtbDatagram[] = [];
  for (let left = (length - tableBytes) / entryBytes; left >= 1; left -= 1) {
    const offset = reader.u16();
    const size = reader.u16();
    if (!reader.whole || offset === 0 || size === 0) break;
    if (stream && offset + size <= bytes.length) datagrams.push({ stream, data: bytes.slice(offset, offset + size) });
  }
  return { datagrams, next };
}

/**
 * Datagrams of one block in order. Tolerant of what kernels send: a length of zero (up to the end of the transfer),
 * padding behind the block, the table at the end, several tables. Empty for what is no block.
 */
export function decodeNtb16(transfer: Uint8Array): readonly NtbDatagram[] {
  const reader = new ByteReader(transfer);
  if (reader.u32() !== headerSignature || reader.u16() !== headerBytes) return [];
  reader.u16();
  const length = reader.u16();
  let at = reader.u16();
  if (!reader.whole || length > transfer.length) return [];
  const block = length === 0 ? transfer : transfer.subarray(0, length);
  const found: NtbDatagram[] = [];
  for (let tables = 0; at !== 0 && tables < tableLimit; tables += 1) {
    const table = readTable(block, at);
    if (!table) break;
    found.push(...table.datagrams);
    at = table.next;
  }
  return found;
}
