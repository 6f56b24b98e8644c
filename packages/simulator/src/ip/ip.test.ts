import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, formatIpv6Address, parseAddress, parseIpv4Address, parseIpv6Address } from './address.ts';
import { adjustedChecksum, internetChecksum } from './checksum.ts';
import { buildIpv4, hopped, parseIpv4, protocols, readdressed } from './ipv4.ts';
import { buildIpv6, parseIpv6 } from './ipv6.ts';
import { buildUdp, echoReply, parseUdp } from './transport.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const ends = fc.oneof(fc.record({ source: bytes(4), destination: bytes(4) }), fc.record({ source: bytes(16), destination: bytes(16) }));

describe('an address', () => {
  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(fc.oneof(bytes(4), bytes(16)), (address) => {
        expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });

  it('is written as RFC 5952 has it', () => {
    const write = (text: string) => formatIpv6Address(parseIpv6Address(text) ?? new Uint8Array());
    expect(write('2001:0DB8:0:0:1:0:0:1')).toBe('2001:db8::1:0:0:1');
    expect(write('::')).toBe('::');
    expect(write('2001:db8:1:1:1:1:0:1')).toBe('2001:db8:1:1:1:1:0:1');
  });

  it.each(['', '1.2.3', '1.2.3.256', 'a.b.c.d', '1::2::3', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', 'g::1', '12345::'])(
    'is refused when it is %j',
    (text) => expect([parseIpv4Address(text), parseIpv6Address(text)]).toEqual([null, null]),
  );
});

describe('a checksum', () => {
  it('is the one of RFC 1071', () => {
    expect(internetChecksum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7))).toBe(0x220d);
  });

  it('adjusted for other bytes makes the whole right again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 60 }), bytes(4), (covered, added) => {
        const before = internetChecksum(covered);
        const after = adjustedChecksum(before, covered.slice(0, 4), added);
        covered.set(added, 0);
        expect(after % 0xffff).toBe(internetChecksum(covered) % 0xffff);
      }),
    );
  });
});

describe('a packet', () => {
  it('is what it was built of, whatever follows it on the wire', () => {
    fc.assert(
      fc.property(bytes(4), bytes(4), fc.uint8Array(), fc.uint8Array(), (source, destination, payload, padding) => {
        const packet = buildIpv4({ source, destination, protocol: 99, payload });
        expect(parseIpv4(Uint8Array.of(...packet, ...padding))).toMatchObject({
          source,
          destination,
          protocol: 99,
          payload,
          bytes: packet,
        });
      }),
    );
    fc.assert(
      fc.property(bytes(16), bytes(16), fc.uint8Array(), (source, destination, payload) => {
        const packet = buildIpv6({ source, destination, nextHeader: 99, hopLimit: 3, payload });
        expect(parseIpv6(packet)).toMatchObject({ source, destination, nextHeader: 99, hopLimit: 3, payload });
      }),
    );
  });

  it('that is anything at all is read or refused, never thrown at', () => {
    const start = fc.constantFrom(0x45, 0x46, 0x60, 0x00);
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 100 }), (first, rest) => {
        const packet = Uint8Array.of(first, ...rest);
        parseIpv4(packet);
        parseIpv6(packet);
        parseUdp(packet, { source: new Uint8Array(4), destination: new Uint8Array(4) });
      }),
    );
  });

  it('with other addresses carries a datagram that is still whole', () => {
    const address = bytes(4);
    const data = fc.uint8Array({ maxLength: 64 });
    fc.assert(
      fc.property(address, address, address, data, (source, destination, other, data) => {
        const sent = parseIpv4(buildUdp({ source, destination }, { sourcePort: 5_000, destinationPort: 53, data }));
        if (!sent) throw new Error('unreadable');
        const moved = parseIpv4(readdressed(sent, 'source', other));
        expect(moved?.source).toEqual(other);
        expect(moved && parseUdp(moved.payload, moved)).toEqual({ sourcePort: 5_000, destinationPort: 53, data });
        // A socket hands its bytes in as a Buffer, whose slices are views.
        const asBuffer = parseIpv4(Buffer.from(sent.bytes));
        expect(asBuffer && new Uint8Array(readdressed(asBuffer, 'source', other))).toEqual(moved?.bytes);
        const back = moved && readdressed(moved, 'source', source);
        expect(back).toEqual(sent.bytes);
      }),
    );
  });

  it('has one hop less after each router, and none is left at last', () => {
    const packet = parseIpv4(buildIpv4({ source: bytesOf(1), destination: bytesOf(2), protocol: 6, payload: new Uint8Array(3) }));
    if (!packet) throw new Error('unreadable');
    const next = parseIpv4(hopped(packet) ?? new Uint8Array());
    expect(next?.timeToLive).toBe(63);
    expect(hopped({ ...packet, timeToLive: 1 })).toBeNull();
  });
});

function bytesOf(last: number): Uint8Array {
  return Uint8Array.of(10, 0, 0, last);
}

describe('a segment of TCP', () => {
  it('is still whole with another address, though it came in as a Buffer', () => {
    fc.assert(
      fc.property(bytes(4), bytes(4), bytes(4), fc.uint8Array({ minLength: 20, maxLength: 64 }), (source, destination, other, segment) => {
        segment.set([0, 0], 16);
        const residue = (from: Uint8Array, to: Uint8Array, data: Uint8Array) =>
          internetChecksum(Uint8Array.of(...from, ...to, 0, protocols.tcp, 0, data.length), data);
        const checksum = residue(source, destination, segment);
        segment.set([checksum >> 8, checksum & 0xff], 16);
        const packet = parseIpv4(Buffer.from(buildIpv4({ source, destination, protocol: protocols.tcp, payload: segment })));
        const moved = packet && parseIpv4(readdressed(packet, 'destination', other));
        expect(moved && residue(source, other, moved.payload) % 0xffff).toBe(0);
        expect(packet?.destination).toEqual(Buffer.from(destination));
      }),
    );
  });
});

describe('a datagram and an echo of either family', () => {
  it('are read as they were built, and refused with one bit turned', () => {
    fc.assert(
      fc.property(ends, fc.uint8Array({ maxLength: 40 }), fc.nat(), (ends, data, turn) => {
        const whole = buildUdp(ends, { sourcePort: 1, destinationPort: 2, data });
        const segment = whole.slice(ends.source.length === 4 ? 20 : 40);
        expect(parseUdp(segment, ends)).toEqual({ sourcePort: 1, destinationPort: 2, data });
        const at = 8 + (turn % Math.max(1, data.length));
        if (data.length === 0) return;
        segment[at] = (segment[at] ?? 0) ^ 1;
        expect(parseUdp(segment, ends)).toBeNull();
      }),
    );
  });

  it('are answered with what was sent', () => {
    const request = Uint8Array.of(8, 0, 0, 0, 0x12, 0x34, 0, 1, 0xab, 0xcd);
    const checksum = internetChecksum(request);
    request.set([checksum >> 8, checksum & 0xff], 2);
    const reply = parseIpv4(echoReply({ source: bytesOf(1), destination: bytesOf(2) }, request) ?? new Uint8Array());
    expect(reply).toMatchObject({ source: bytesOf(2), destination: bytesOf(1), protocol: protocols.icmp });
    expect([...(reply?.payload.slice(4) ?? [])]).toEqual([0x12, 0x34, 0, 1, 0xab, 0xcd]);
    expect(internetChecksum(reply?.payload ?? new Uint8Array(1))).toBe(0);
    request[9] = 0;
    expect(echoReply({ source: bytesOf(1), destination: bytesOf(2) }, request)).toBeNull();
  });
});
