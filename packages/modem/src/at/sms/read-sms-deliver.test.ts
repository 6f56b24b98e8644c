import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSeptets, septetsOfText, textOfSeptets, unpackSeptets } from './gsm-alphabet.ts';
import { readSmsDeliver } from './read-sms-deliver.ts';

/** Composed after TS 23.040 clause 9.2.2.1. */
const hexOf = (octets: Uint8Array) => Buffer.from(octets).toString('hex').toUpperCase();
const name = hexOf(packSeptets(septetsOfText('Towline') ?? []));
const smsc = '07911326040000F0';
const sender = '0B911346610089F6';
const stamp = '20806291731408';

describe('an SMS-DELIVER', () => {
  it.each([
    ['in the 7-bit alphabet', `${smsc}04${sender}0000${stamp}0CC8F71D14969741F977FD07`, '+31641600986', 'How are you?'],
    ['without a service centre', `0004${sender}0000${stamp}0AE8329BFD4697D9EC37`, '+31641600986', 'hellohello'],
    ['in 8-bit data', `${smsc}04${sender}0004${stamp}03544C31`, '+31641600986', 'TL1'],
    ['in UCS-2', `${smsc}04${sender}0008${stamp}0401140113`, '+31641600986', '\u0114\u0113'],
    ['from a national number', `${smsc}04048121430000${stamp}02F11B`, '1234', 'q7'],
    ['from a sender with a name', `${smsc}040DD0${name}0000${stamp}0141`, 'Towline', 'A'],
  ])('%s is read', (_, hex, from, text) => {
    expect(readSmsDeliver(hex)).toEqual({ sender: from, text, hasHeader: false });
  });

  it('that is part of a long one says so, its header taken off', () => {
    // Concatenation header 05 00 03 2A 02 01, one fill bit, then "AB".
    const text = packSeptets([...unpackSeptets(Uint8Array.from([5, 0, 3, 0x2a, 2, 1]), 7), 0x41, 0x42]);
    expect(readSmsDeliver(`${smsc}44${sender}0000${stamp}09${hexOf(text)}`)).toMatchObject({ text: 'AB', hasHeader: true });
  });

  it.each([
    ['a status report', `${smsc}06${sender}0000${stamp}0141`],
    ['one cut short', `${smsc}04${sender}0000${stamp}0CC8F71D`],
    ['one cut within its address', `${smsc}040B9113`],
    ['compressed text', `${smsc}04${sender}0020${stamp}0141`],
    ['no hexadecimal', 'OK'],
    ['half an octet', '079'],
    ['nothing', ''],
  ])('%s is none', (_, hex) => {
    expect(readSmsDeliver(hex)).toBeNull();
  });

  it('never throws, whatever a modem says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        readSmsDeliver(Buffer.from(octets).toString('hex'));
      }),
    );
  });
});

describe('the 7-bit alphabet', () => {
  const sent = fc.array(fc.integer({ min: 0, max: 127 }), { maxLength: 160 });

  it('packs and unpacks every septet', () => {
    fc.assert(
      fc.property(sent, (septets) => {
        expect(unpackSeptets(packSeptets(septets), septets.length)).toEqual(septets);
      }),
    );
  });

  it('reads back whatever it can write', () => {
    fc.assert(
      fc.property(sent, (septets) => {
        const text = textOfSeptets(septets);
        const again = septetsOfText(text);
        expect(again && textOfSeptets(again)).toBe(text);
      }),
    );
    expect(septetsOfText('€[~]')).toEqual([0x1b, 0x65, 0x1b, 0x3c, 0x1b, 0x3d, 0x1b, 0x3e]);
    expect(septetsOfText('漢')).toBeNull();
  });
});
