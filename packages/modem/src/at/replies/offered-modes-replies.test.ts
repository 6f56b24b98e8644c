import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offeredModeParsers } from './offered-modes-replies.ts';

/** Composed after the form that Quectel's manuals give. */
const qcfg = ['+QCFG: "usbspeed",("20","30")', '+QCFG: "usbnet",(0-3,5)', '+QCFG: "urc/ri/other",("off","pulse"),(1-2000),(1-5)'];

/** Of an EM7455 (danielewood/sierra-wireless-modems README), its remarks left out. */
const usbcomp = [
  '!USBCOMP: ',
  'AT!USBCOMP=<Config Index>,<Config Type>,<Interface bitmask>',
  '  <Config Index>      - configuration index to which the composition applies, should be 1',
  '  <Config Type>       - 1:Generic, 2:USBIF-MBIM, 3:RNDIS',
  '  <Interface bitmask> - DIAG     - 0x00000001,',
  '                        NMEA     - 0x00000004,',
  '                        MODEM    - 0x00000008,',
  '                        RMNET0   - 0x00000100,',
  '                        RMNET1   - 0x00000400,',
  '                        MBIM     - 0x00001000,',
];

describe('what a firmware offers, by its own list', () => {
  it.each([
    ['qcfg-usbnet', qcfg, '3', true],
    ['qcfg-usbnet', qcfg, '4', false],
    ['qcfg-usbnet', qcfg, '5', true],
    ['qcfg-usbnet', ['+QCFG: "usbnet",(1,3)'], '0', false],
    ['usbcomp', usbcomp, '100D', true],
    ['usbcomp', usbcomp.slice(0, -1), '100D', false],
    ['usbcomp', usbcomp.slice(0, -1), '10D', true],
    ['usbcfg', ['#USBCFG: (0-3)'], '2', true],
    ['usbcfg', ['#USBCFG: (0,1)'], '2', false],
  ] as const)('in %s: %j has %s: %s', (dialect, lines, code, offered) => {
    expect(offeredModeParsers[dialect](lines)?.(code)).toBe(offered);
  });

  it.each([
    ['qcfg-usbnet', ['+QCFG: "usbnet"']],
    ['qcfg-usbnet', ['+QCFG: "usbnet",("ecm")']],
    ['usbcomp', ['!USBCOMP:']],
    ['usbcfg', []],
  ] as const)('is unknown where it does not say: %s %j', (dialect, lines) => {
    expect(offeredModeParsers[dialect](lines)).toBeNull();
  });

  it('is what stands in the list, for any list of values', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 40 }), { minLength: 1 }), fc.nat({ max: 40 }), (values, asked) => {
        const offers = offeredModeParsers['qcfg-usbnet']([`+QCFG: "usbnet",(${values.join(',')})`]);
        expect(offers?.(String(asked))).toBe(values.includes(asked));
      }),
    );
  });

  it('never throws, whatever a modem says', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (lines) => {
        for (const parse of Object.values(offeredModeParsers)) parse(lines)?.('10D');
      }),
    );
  });
});
