import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAnswer, encodeQuestion } from './dns-message.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));

describe('a DNS message', () => {
  it('asks for a name', () => {
    const question = encodeQuestion({ id: 0x1234, name: 'fleet.example', type: 'A' });
    expect(Buffer.from(question ?? []).toString('hex')).toBe('12340100000100000000000005666c656574076578616d706c650000010001');
  });

  it('asks for the root', () => {
    expect(encodeQuestion({ id: 1, name: '', type: 'NS' })).toHaveLength(17);
  });

  it.each(['a..b', 'a b', 'x'.repeat(64), `${'a.'.repeat(130)}b`, 'naïve.example'])('is not made of %s', (name) => {
    expect(encodeQuestion({ id: 1, name, type: 'A' })).toBeNull();
  });

  it('answers with addresses, past an alias and by names that point back (composed from RFC 1035 clause 4.1.4)', () => {
    const answer = hex(`1234 8180 0001 0003 0000 0000
      05666c656574 076578616d706c65 00 0001 0001
      c00c 0005 0001 0000003c 0002 c012
      c012 0001 0001 0000003c 0004 c0000201
      c012 001c 0001 0000003c 0010 20010db8000000000000000000000002`);
    expect(decodeAnswer(answer)).toEqual({ id: 0x1234, code: 0, addresses: ['192.0.2.1', '2001:db8::2'] });
  });

  it('says that there is no such name', () => {
    expect(decodeAnswer(hex('0001 8183 0000 0000 0000 0000'))).toEqual({ id: 1, code: 3, addresses: [] });
  });

  it('takes no question for an answer', () => {
    expect(decodeAnswer(encodeQuestion({ id: 1, name: 'a', type: 'A' }) ?? new Uint8Array())).toBeNull();
  });

  it('survives whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeAnswer(bytes);
        decodeAnswer(Uint8Array.from([0, 1, 0x81, 0x80, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, ...bytes]));
      }),
    );
  });
});
