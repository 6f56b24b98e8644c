import { ByteReader } from '../binary/byte-reader.ts';
import { ByteWriter } from '../binary/byte-writer.ts';
import { uuidBytes, uuidText } from './uuid.ts';

/** Message types: MBIM 1.0 table 9-3 and 9-8. */
export const messageTypes = {
  open: 1,
  close: 2,
  command: 3,
  hostError: 4,
  openDone: 0x8000_0001,
  closeDone: 0x8000_0002,
  commandDone: 0x8000_0003,
  functionError: 0x8000_0004,
  indicateStatus: 0x8000_0007,
} as const;

/** What a host sends. */
export type MbimRequest =
  | { readonly kind: 'open'; readonly transaction: number; readonly maxTransfer: number }
  | { readonly kind: 'close'; readonly transaction: number }
  | { readonly kind: 'error'; readonly transaction: number }
  | ({ readonly kind: 'command' } & MbimCommand);

export interface MbimCommand {
  readonly transaction: number;
  readonly service: string;
  readonly cid: number;
  readonly isSet: boolean;
  readonly buffer: Uint8Array;
}

/** One fragment of a longer message, its own header taken off. */
export interface MbimFragment {
  readonly transaction: number;
  readonly total: number;
  readonly current: number;
  readonly payload: Uint8Array;
}

/** @returns null for what is not one whole message; a command comes as a fragment, be it the only one */
export function decodeMbim(bytes: Uint8Array): Exclude<MbimRequest, { kind: 'command' }> | MbimFragment | null {
  const reader = new ByteReader(bytes);
  const type = reader.u32();
  const length = reader.u32();
  const transaction = reader.u32();
  if (!reader.whole || length !== bytes.length) return null;
  if (type === messageTypes.close) return { kind: 'close', transaction };
  if (type === messageTypes.hostError) return { kind: 'error', transaction };
  if (type === messageTypes.open) {
    const maxTransfer = reader.u32();
    return reader.whole ? { kind: 'open', transaction, maxTransfer } : null;
  }
  if (type !== messageTypes.command) return null;
  const total = reader.u32();
  const current = reader.u32();
  return reader.whole ? { transaction, total, current, payload: reader.rest() } : null;
}

/** The command in the joined payload of all its fragments. */
export function decodeCommand(transaction: number, payload: Uint8Array): MbimCommand | null {
  const reader = new ByteReader(payload);
  const service = uuidText(reader.bytes(16));
  const cid = reader.u32();
  const isSet = reader.u32() === 1;
  const buffer = reader.bytes(reader.u32());
  return reader.whole ? { transaction, service, cid, isSet, buffer } : null;
}

/** OPEN_DONE, CLOSE_DONE with a status, FUNCTION_ERROR with an error of MBIM 1.0 table 9-11. */
export function encodePlain(type: number, transaction: number, status: number): Uint8Array {
  return new ByteWriter(16).u32(type).u32(16).u32(transaction).u32(status).done();
}

const fragmentHeaderBytes = 20;

/** A message in fragments that each fit a control transfer: MBIM 1.0 clause 9.2. */
function fragments(type: number, transaction: number, whole: { payload: Uint8Array; maxTransfer: number }): readonly Uint8Array[] {
  const room = Math.max(1, whole.maxTransfer - fragmentHeaderBytes);
  const total = Math.max(1, Math.ceil(whole.payload.length / room));
  return Array.from({ length: total }, (_none, current) => {
    const part = whole.payload.subarray(current * room, (current + 1) * room);
    const writer = new ByteWriter(fragmentHeaderBytes + part.length);
    return writer
      .u32(type)
      .u32(fragmentHeaderBytes + part.length)
      .u32(transaction)
      .u32(total)
      .u32(current)
      .bytes(part)
      .done();
  });
}

/** COMMAND_DONE in as many fragments as it takes. */
export function encodeCommandDone(
  { transaction, service, cid }: Pick<MbimCommand, 'transaction' | 'service' | 'cid'>,
  answer: { status: number; buffer: Uint8Array; maxTransfer: number },
): readonly Uint8Array[] {
  const writer = new ByteWriter(28 + answer.buffer.length).bytes(uuidBytes(service)).u32(cid).u32(answer.status);
  const payload = writer.u32(answer.buffer.length).bytes(answer.buffer).done();
  return fragments(messageTypes.commandDone, transaction, { payload, maxTransfer: answer.maxTransfer });
}

/** INDICATE_STATUS in as many fragments as it takes. */
export function encodeIndication(
  { service, cid }: Pick<MbimCommand, 'service' | 'cid'>,
  told: { buffer: Uint8Array; maxTransfer: number },
): readonly Uint8Array[] {
  const writer = new ByteWriter(24 + told.buffer.length).bytes(uuidBytes(service)).u32(cid);
  const payload = writer.u32(told.buffer.length).bytes(told.buffer).done();
  return fragments(messageTypes.indicateStatus, 0, { payload, maxTransfer: told.maxTransfer });
}

/** Bytes that may hold a message: a stream (a PTY) that carries MBIM is cut by this length, in bytes; null until it can be told. */
export function mbimLength(bytes: Uint8Array): number | null {
  return bytes.length < 8 ? null : new ByteReader(bytes, 4).u32();
}
