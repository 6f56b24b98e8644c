import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNtbFraming } from './ntb-framing.ts';
import { decodeNtb16, encodeNtb16, type NtbStream } from './ntb16.ts';

const datagrams = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 12 });
const streams = fc.oneof(
  fc.constant<NtbStream>({ kind: 'ethernet' }),
  fc.nat(255).map((session): NtbStream => ({ kind: 'ip', session })),
);

describe('NTB16 blocks', () => {
  it('give back their datagrams in order', () => {
    fc.assert(
      fc.property(datagrams, streams, fc.nat(0xffff), (packets, stream, sequence) => {
        const block = encodeNtb16(packets, { sequence, stream });
        expect(decodeNtb16(block)).toEqual(packets.map((data) => ({ stream, data })));
      }),
    );
  });

  it('tell their own length and aligned places', () => {
    fc.assert(
      fc.property(datagrams, (packets) => {
        const block = encodeNtb16(packets, { sequence: 1, stream: { kind: 'ip', session: 0 } });
        const view = new DataView(block.buffer);
        expect(view.getUint16(8, true)).toBe(block.length);
        for (const [index] of packets.entries()) expect(view.getUint16(20 + 4 * index, true) % 4).toBe(0);
      }),
    );
  });

  it('may be padded or leave their length open', () => {
    const packets = [Uint8Array.of(0x45, 1, 2), Uint8Array.of(0x60, 3)];
    const block = encodeNtb16(packets, { sequence: 7, stream: { kind: 'ip', session: 0 } });
    const padded = Uint8Array.of(...block, 0, 0, 0, 0);
    expect(decodeNtb16(padded)).toHaveLength(2);
    padded.set([0, 0], 8);
    expect(decodeNtb16(padded)).toHaveLength(2);
  });

  // The shape in which cdc_ncm of Linux 6.1 sends with CDC_NCM_FLAG_NDP_TO_END: header, datagram, table.
  it('may have their table at the end', () => {
    const bytes = Uint8Array.from([
      0x4e, 0x43, 0x4d, 0x48, 12, 0, 1, 0, 32, 0, 16, 0, 0x45, 0, 9, 9, 0x49, 0x50, 0x53, 0, 16, 0, 0, 0, 12, 0, 4, 0, 0, 0, 0, 0,
    ]);
    expect(decodeNtb16(bytes)).toEqual([{ stream: { kind: 'ip', session: 0 }, data: Uint8Array.of(0x45, 0, 9, 9) }]);
  });

  it('whose tables chain in a loop end', () => {
    const block = encodeNtb16([Uint8Array.of(1)], { sequence: 0, stream: { kind: 'ethernet' } });
    block.set([12, 0], 12 + 6);
    expect(decodeNtb16(block).length).toBeLessThanOrEqual(16);
  });

  it('may be any bytes at all without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), datagrams, fc.nat(), (noise, packets, at) => {
        expect(decodeNtb16(noise)).toBeInstanceOf(Array);
        const block = encodeNtb16(packets, { sequence: 0, stream: { kind: 'ethernet' } });
        block[at % block.length] = 0xff;
        for (const { data } of decodeNtb16(block)) expect(data.length).toBeLessThanOrEqual(block.length);
      }),
    );
  });

  it('of one stream let through nothing of another', () => {
    const framing = createNtbFraming({ kind: 'ip', session: 0 });
    expect(framing.unwrap(framing.wrap(Uint8Array.of(0x45)))).toEqual([Uint8Array.of(0x45)]);
    expect(framing.unwrap(createNtbFraming({ kind: 'ip', session: 1 }).wrap(Uint8Array.of(0x45)))).toEqual([]);
    expect(framing.unwrap(createNtbFraming({ kind: 'ethernet' }).wrap(Uint8Array.of(0x45)))).toEqual([]);
  });
});
