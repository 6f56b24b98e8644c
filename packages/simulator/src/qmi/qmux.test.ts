import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeQmux, encodeQmux, type QmiMessage, qmuxLength } from './qmux.ts';
import { decodeTlvs, tlv, tlvsOf } from './tlv.ts';

const tlvs = fc.array(fc.record({ type: fc.nat(0xff), value: fc.uint8Array({ maxLength: 40 }) }), { maxLength: 6 });
const messages: fc.Arbitrary<QmiMessage> = fc
  .record({
    service: fc.nat(0xff),
    client: fc.nat(0xff),
    kind: fc.constantFrom('request' as const, 'response' as const, 'indication' as const),
    transaction: fc.nat(0xff),
    id: fc.nat(0xffff),
    tlvs,
  })
  .map((message) => message);

describe('QMUX frames', () => {
  it('come back as they were, from either side', () => {
    fc.assert(
      fc.property(messages, fc.constantFrom('host' as const, 'modem' as const), (message, from) => {
        const bytes = encodeQmux(message, from);
        expect(decodeQmux(bytes)).toEqual(message);
        expect(qmuxLength(bytes)).toBe(bytes.length);
      }),
    );
  });

  it('are null when they are cut short or have bytes too many', () => {
    fc.assert(
      fc.property(messages, fc.nat(), (message, at) => {
        const bytes = encodeQmux(message, 'host');
        expect(decodeQmux(bytes.subarray(0, at % bytes.length))).toBeNull();
        expect(decodeQmux(Uint8Array.of(...bytes, 0))).toBeNull();
      }),
    );
  });

  it('may be any bytes at all without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const message = decodeQmux(bytes);
        if (message) expect(encodeQmux(message, 'host').length).toBe(bytes.length);
      }),
    );
  });

  // qmicli 1.32.2 --dms-get-manufacturer, as it writes it.
  it('of qmicli are understood', () => {
    const bytes = Uint8Array.from([1, 0x0c, 0, 0, 2, 1, 0, 1, 0, 0x21, 0, 0, 0]);
    expect(decodeQmux(bytes)).toEqual({ service: 2, client: 1, kind: 'request', transaction: 1, id: 0x21, tlvs: [] });
  });
});

describe('TLVs', () => {
  it('whose length points outside are refused', () => {
    expect(decodeTlvs(Uint8Array.of(1, 5, 0, 9))).toBeNull();
  });

  it('that are missing or too short are null', () => {
    const fields = tlvsOf([tlv(1, (writer) => writer.u8(7))]);
    expect([fields.u8(1), fields.u16(1), fields.u8(2), fields.text(2)]).toEqual([7, null, null, null]);
  });
});
