import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFragmentJoiner } from './join-fragments.ts';
import { decodeCommand, decodeMbim, encodeCommandDone, mbimLength } from './mbim-message.ts';
import { MbimStruct, MbimStructReader } from './mbim-struct.ts';
import { mbimServices, uuidBytes, uuidText } from './uuid.ts';

const command = { transaction: 9, service: mbimServices.basicConnect, cid: 12 };

describe('MBIM messages', () => {
  it('go in fragments that fit and say their length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 64, max: 4_096 }), (buffer, maxTransfer) => {
        const fragments = encodeCommandDone(command, { status: 0, buffer, maxTransfer });
        for (const one of fragments) {
          expect(one.length).toBeLessThanOrEqual(maxTransfer);
          expect(mbimLength(one)).toBe(one.length);
        }
        const payload = fragments.flatMap((one) => [...one.subarray(20)]);
        expect(payload.slice(28)).toEqual([...buffer]);
      }),
    );
  });

  it('may be any bytes at all without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(() => [decodeMbim(bytes), decodeCommand(1, bytes)]).not.toThrow();
      }),
    );
  });

  it('cut anywhere are put together again', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { minLength: 1, maxLength: 8 }), (parts) => {
        const joiner = createFragmentJoiner();
        const results = parts.map((payload, current) => joiner.take({ transaction: 1, total: parts.length, current, payload }));
        expect(results.slice(0, -1).every(({ kind }) => kind === 'waiting')).toBe(true);
        expect(results.at(-1)).toEqual({ kind: 'whole', payload: Uint8Array.from(parts.flatMap((part) => [...part])) });
      }),
    );
  });

  it('out of order are refused', () => {
    const joiner = createFragmentJoiner();
    joiner.take({ transaction: 1, total: 3, current: 0, payload: Uint8Array.of(1) });
    expect(joiner.take({ transaction: 1, total: 3, current: 2, payload: Uint8Array.of(3) })).toEqual({ kind: 'error', code: 2 });
  });
});

describe('information buffers', () => {
  it('give back texts and elements from where they point', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.nat(0xffff_ffff),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 4 }),
        (text, number, elements) => {
          const reader = new MbimStructReader(new MbimStruct().u32(number).text(text).list(elements).done());
          expect([reader.u32(), reader.text(), reader.u32()]).toEqual([number, text, elements.length]);
          expect(elements.map(() => reader.element())).toEqual(elements);
          expect(reader.whole).toBe(true);
        },
      ),
    );
  });

  it('that point outside are not whole', () => {
    const reader = new MbimStructReader(Uint8Array.of(99, 0, 0, 0, 4, 0, 0, 0));
    reader.text();
    expect(reader.whole).toBe(false);
  });

  it('have UUIDs in the order of their text', () => {
    expect(uuidBytes(mbimServices.basicConnect)[0]).toBe(0xa2);
    expect(uuidText(uuidBytes(mbimServices.qmi))).toBe(mbimServices.qmi);
  });
});
