import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bench } from '../testing/bench.ts';
import { concatBytes } from '../usb/little-endian.ts';
import { encodeSetupPacket, parseSetupPacket } from '../usb/setup-packet.ts';
import { createUsbModem } from '../usb/usb-modem.ts';
import { usbipExports } from './usbip-exports.ts';
import { UsbipSession } from './usbip-session.ts';
import { UsbipStream } from './usbip-stream.ts';

function bigEndian(...words: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word);
  return new Uint8Array(view.buffer);
}

function importRequest(busId: string): Uint8Array {
  const bytes = new Uint8Array(40);
  bytes.set(bigEndian(0x0111_8003, 0));
  bytes.set(new TextEncoder().encode(busId), 8);
  return bytes;
}

interface Submit {
  readonly sequence: number;
  readonly toHost: boolean;
  readonly endpoint: number;
  readonly setup?: Uint8Array;
  readonly data?: Uint8Array;
  readonly room?: number;
}

function submit({ sequence, toHost, endpoint, setup, data = new Uint8Array(0), room = 0 }: Submit): Uint8Array {
  const header = bigEndian(1, sequence, 0x10002, toHost ? 1 : 0, endpoint, 0, toHost ? room : data.length, 0, 0, 0);
  return concatBytes(header, setup ?? new Uint8Array(8), data);
}

const unlink = (sequence: number, unlinked: number): Uint8Array => bigEndian(2, sequence, 0x10002, 0, 0, unlinked, 0, 0, 0, 0, 0, 0);
const getDevice = Uint8Array.from([0x80, 6, 0, 1, 0, 0, 18, 0]);

/** What a client got, in words of 32 bits. */
function words(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length >> 2 }, (_, index) => view.getInt32(index * 4));
}

function table(plugged = true) {
  const { modem, clock } = bench('ec200a');
  const usb = createUsbModem({ busId: '1-1', modem, plugged });
  const exports = usbipExports([usb]);
  const connect = () => {
    const got: Uint8Array[] = [];
    let ended = false;
    const session = new UsbipSession(exports, {
      send: (bytes) => got.push(bytes),
      end: () => {
        ended = true;
      },
    });
    return { session, got, ended: () => ended };
  };
  return { usb, clock, connect };
}

describe('a USB/IP session', () => {
  it('lists the modems that are on the bus', () => {
    const { connect } = table();
    const { session, got, ended } = connect();
    session.receive(bigEndian(0x0111_8005, 0));
    expect(got[0]).toHaveLength(12 + 312 + 6 * 4);
    expect(words(got[0] ?? new Uint8Array(0)).slice(0, 3)).toEqual([0x0111_0005, 0, 1]);
    expect(ended()).toBe(true);
  });

  it('imports a modem and answers a control transfer', () => {
    const { session, got } = table().connect();
    session.receive(importRequest('1-1'));
    expect(got[0]).toHaveLength(8 + 312);
    session.receive(submit({ sequence: 5, toHost: true, endpoint: 0, setup: getDevice, room: 18 }));
    expect(words(got[1] ?? new Uint8Array(0)).slice(0, 7)).toEqual([3, 5, 0, 0, 0, 0, 18]);
    expect([...(got[1]?.subarray(48) ?? [])].slice(8, 12)).toEqual([0x7c, 0x2c, 0x05, 0x60]);
  });

  it('holds an import until the modem is plugged in', async () => {
    const { usb, clock, connect } = table(false);
    const { session, got } = connect();
    session.receive(importRequest('1-1'));
    expect(got).toEqual([]);
    usb.plug();
    await clock.advance(15_000);
    expect(got).toHaveLength(1);
  });

  it('gives a modem to one client at a time, and to the next when the first lets go', () => {
    const { connect } = table();
    const first = connect();
    const second = connect();
    const third = connect();
    first.session.receive(importRequest('1-1'));
    second.session.receive(importRequest('1-1'));
    expect(words(second.got[0] ?? new Uint8Array(0))).toEqual([0x0111_0003, 2]);
    expect(second.ended()).toBe(true);
    second.session.close();
    first.session.close();
    third.session.receive(importRequest('1-1'));
    expect(third.got[0]).toHaveLength(320);
  });

  it('refuses a bus id that it does not have', () => {
    const { session, got, ended } = table().connect();
    session.receive(importRequest('9-9'));
    expect(words(got[0] ?? new Uint8Array(0))).toEqual([0x0111_0003, 4]);
    expect(ended()).toBe(true);
  });

  it('takes back an URB that waits, once', () => {
    const { session, got } = table().connect();
    session.receive(importRequest('1-1'));
    session.receive(submit({ sequence: 7, toHost: true, endpoint: 6, room: 512 }));
    session.receive(unlink(8, 7));
    session.receive(unlink(9, 7));
    expect(got.slice(1).map((reply) => words(reply).filter((_, index) => [0, 1, 5].includes(index)))).toEqual([
      [4, 8, -104],
      [4, 9, 0],
    ]);
  });

  it('ends the connection when the modem is pulled out, and is free for the next import at once', async () => {
    const { usb, clock, connect } = table();
    const first = connect();
    first.session.receive(importRequest('1-1'));
    usb.unplug();
    expect(first.ended()).toBe(true);
    const second = connect();
    second.session.receive(importRequest('1-1'));
    expect(second.ended()).toBe(false);
    usb.plug();
    await clock.advance(15_000);
    expect(second.got).toHaveLength(1);
  });

  it('ends on transfers that are not for an imported device, and on isochronous ones', () => {
    const early = table().connect();
    early.session.receive(submit({ sequence: 1, toHost: true, endpoint: 0 }));
    expect(early.ended()).toBe(true);
    const isochronous = table().connect();
    isochronous.session.receive(importRequest('1-1'));
    isochronous.session.receive(bigEndian(1, 1, 0x10002, 1, 1, 0, 8, 0, 4, 0, 0, 0));
    expect(isochronous.ended()).toBe(true);
  });
});

describe('the stream of requests', () => {
  it('is the same however the bytes are cut', () => {
    const whole = concatBytes(
      importRequest('1-1'),
      submit({ sequence: 1, toHost: true, endpoint: 0, setup: getDevice, room: 18 }),
      submit({ sequence: 2, toHost: false, endpoint: 3, data: Uint8Array.from([1, 2, 3]) }),
      unlink(3, 2),
    );
    const expected = new UsbipStream().push(whole);
    expect(expected.map(({ kind }) => kind)).toEqual(['import', 'submit', 'submit', 'unlink']);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 12 }), (cuts) => {
        const stream = new UsbipStream();
        const ends = [...new Set(cuts)].sort((a, b) => a - b);
        const pieces = [...ends, whole.length].map((end, index) => whole.subarray(ends[index - 1] ?? 0, end));
        expect(pieces.flatMap((piece) => stream.push(piece))).toEqual(expected);
      }),
    );
  });

  it('never fails on noise, and says nothing after it could not understand', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.uint8Array({ maxLength: 120 }), { maxLength: 6 }), (imported, chunks) => {
        const stream = new UsbipStream();
        if (imported) stream.push(importRequest('1-1'));
        const requests = chunks.flatMap((chunk) => stream.push(chunk));
        const at = requests.findIndex(({ kind }) => kind === 'malformed');
        expect(at === -1 || at === requests.length - 1).toBe(true);
      }),
    );
  });

  it('reads any setup packet as it was written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        const parsed = parseSetupPacket(bytes);
        expect(parseSetupPacket(encodeSetupPacket(parsed))).toEqual(parsed);
      }),
    );
  });
});
