import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from './bytes-of.ts';

describe('the bytes of a text', () => {
  it.each([
    ['none of an empty one', '', []],
    ['a command', 'AT\r', [0x41, 0x54, 0x0d]],
    ['the last of ASCII', '\u007f', [0x7f]],
    ['the first that is none', '\u0080', [0xc2, 0x80]],
    ['ASCII before what is none', 'A€', [0x41, 0xe2, 0x82, 0xac]],
    ['a pair of surrogates', '😀', [0xf0, 0x9f, 0x98, 0x80]],
    ['half a pair, which no UTF-8 has', '\ud83d', [0xef, 0xbf, 0xbd]],
  ])('are %s', (_what, text, bytes) => {
    expect([...bytesOf(text)]).toEqual(bytes);
  });

  it('are those that an encoder makes', () => {
    const codes = fc.oneof(fc.nat(0x7f), fc.nat(0xffff));
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(codes).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(text, (said) => {
        expect([...bytesOf(said)]).toEqual([...new TextEncoder().encode(said)]);
      }),
    );
  });
});
