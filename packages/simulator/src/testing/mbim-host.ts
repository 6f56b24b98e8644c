import type { ManualClock } from '@towline/kit';
import { ByteReader } from '../binary/byte-reader.ts';
import { ByteWriter } from '../binary/byte-writer.ts';
import { createMbimPeer, type MbimPeer } from '../mbim/create-mbim-peer.ts';
import { messageTypes } from '../mbim/mbim-message.ts';
import { mbimServices, uuidBytes } from '../mbim/uuid.ts';
import type { SimulatedModem } from '../modem/simulated-modem.ts';

/** One message from the modem, its fragments joined. */
export interface MbimHeard {
  readonly type: number;
  readonly transaction: number;
  readonly payload: Uint8Array;
}

export interface MbimReply {
  /** A number of `mbimStatus`. */
  readonly status: number;
  readonly buffer: Uint8Array;
}

/** A host on an MBIM control channel, for the tests of this package. */
export interface MbimHost {
  readonly peer: MbimPeer;
  readonly heard: readonly MbimHeard[];
  open(): Promise<void>;
  close(): Promise<void>;
  /** Null: no answer within 60 s. */
  ask(cid: number, request?: { set?: Uint8Array; query?: Uint8Array; service?: string }): Promise<MbimReply | null>;
  /** Numbers of the basic commands that were indicated so far. */
  indicated(): readonly number[];
}

const longestWaitMs = 60_000;
const stepMs = 5;

/** @param maxTransfer of a control transfer in bytes: small ones bring fragments, both ways */
export function mbimHost(modem: SimulatedModem, clock: ManualClock, maxTransfer = 4_096): MbimHost {
  const peer = createMbimPeer(modem);
  const heard: MbimHeard[] = [];
  let parts: Uint8Array[] = [];
  let transaction = 0;
  peer.onMessage((bytes) => {
    const reader = new ByteReader(bytes);
    const type = reader.u32();
    expectLength(reader.u32(), bytes, maxTransfer);
    const number = reader.u32();
    if (type !== messageTypes.commandDone && type !== messageTypes.indicateStatus) {
      heard.push({ type, transaction: number, payload: reader.rest() });
      return;
    }
    const total = reader.u32();
    reader.u32();
    parts.push(reader.rest());
    if (parts.length < total) return;
    heard.push({ type, transaction: number, payload: Uint8Array.from(parts.flatMap((part) => [...part])) });
    parts = [];
  });
  const exchange = async (messages: readonly Uint8Array[]): Promise<MbimHeard | null> => {
    const isAnswer = (one: MbimHeard): boolean => one.type !== messageTypes.indicateStatus && one.transaction === transaction;
    for (const message of messages) peer.receive(message);
    for (let waited = 0; waited < longestWaitMs && !heard.some(isAnswer); waited += stepMs) await clock.advance(stepMs);
    return heard.find(isAnswer) ?? null;
  };
  const plain = async (type: number, value: number | null): Promise<void> => {
    transaction += 1;
    const writer = new ByteWriter()
      .u32(type)
      .u32(value === null ? 12 : 16)
      .u32(transaction);
    await exchange([(value === null ? writer : writer.u32(value)).done()]);
  };
  return {
    peer,
    heard,
    open: () => plain(messageTypes.open, maxTransfer),
    close: () => plain(messageTypes.close, null),
    async ask(cid, { set, query, service } = {}) {
      transaction += 1;
      const buffer = set ?? query ?? new Uint8Array();
      const writer = new ByteWriter()
        .bytes(uuidBytes(service ?? mbimServices.basicConnect))
        .u32(cid)
        .u32(set ? 1 : 0);
      const whole = writer.u32(buffer.length).bytes(buffer).done();
      const found = await exchange(commandFragments(whole, transaction, maxTransfer - 20));
      if (!found) return null;
      const reader = new ByteReader(found.payload, 20);
      const status = reader.u32();
      return { status, buffer: reader.bytes(reader.u32()) };
    },
    indicated: () =>
      heard.filter(({ type }) => type === messageTypes.indicateStatus).map(({ payload }) => new ByteReader(payload, 16).u32()),
  };
}

function expectLength(length: number, bytes: Uint8Array, maxTransfer: number): void {
  if (length !== bytes.length || length > maxTransfer) throw new Error(`a message of ${bytes.length} bytes says ${length}`);
}

function commandFragments(whole: Uint8Array, transaction: number, room: number): readonly Uint8Array[] {
  const total = Math.ceil(whole.length / room);
  return Array.from({ length: total }, (_none, current) => {
    const part = whole.subarray(current * room, (current + 1) * room);
    const writer = new ByteWriter()
      .u32(messageTypes.command)
      .u32(20 + part.length)
      .u32(transaction);
    return writer.u32(total).u32(current).bytes(part).done();
  });
}
