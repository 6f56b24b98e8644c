import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandsParsers, maskOfBands } from './band-replies.ts';

describe('the bands that a modem says it uses', () => {
  it.each([
    // Composed from the vendors' AT command manuals; the Sierra line as in the EM7455's own list.
    [
      'qcfg',
      '',
      ['+QCFG: "band",0x93,0x80045,0x0'],
      [
        ['1', [1, 2, 5, 8]],
        ['2', [1, 3, 7, 20]],
        ['3', []],
      ],
    ],
    [
      'qcfg',
      '',
      ['+QCFG: "nwscanmode",0', '+QCFG: "BAND",f,80000,4'],
      [
        ['1', [1, 2, 3, 4]],
        ['2', [20]],
        ['3', [3]],
      ],
    ],
    ['qcfg', '', ['+QCFG: "band",0x93,all'], null],
    ['qcfg', '', ['+QCFG: "band"'], null],
    [
      'qcfg-plain',
      '',
      ['+QCFG: "band",0x0,0x4'],
      [
        ['1', []],
        ['2', [3]],
      ],
    ],
    ['qnwprefcfg', 'lte_band', ['+QNWPREFCFG: "lte_band",1:3:28'], [['lte_band', [1, 3, 28]]]],
    ['qnwprefcfg', 'nr5g_band', ['+QNWPREFCFG: "lte_band",1:3:28'], null],
    ['qnwprefcfg', 'lte_band', ['+QNWPREFCFG: "lte_band",'], null],
    [
      'band',
      '',
      [
        'Index, Name,   GW Band Mask     L Band Mask      TDS Band Mask',
        '00, All bands    0000000000000003 00000000000800C4 0000000000000000',
      ],
      [
        ['1', [1, 2]],
        ['2', [3, 7, 8, 20]],
        ['3', []],
      ],
    ],
    ['band', '', ['Index, Name', '09, LTE ALL'], null],
  ] as const)('by %s %s is read from %j', (dialect, setting, lines, found) => {
    const read = bandsParsers[dialect](lines, setting);
    expect(read && [...read]).toEqual(found);
  });

  it('is the same once it has been written as a mask', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 88 }), { minLength: 1 }), (bands) => {
        const read = bandsParsers.qcfg([`+QCFG: "band",0x0,0x${maskOfBands(bands)}`], '');
        expect(read?.get('2')).toEqual(bands.toSorted((left, right) => left - right));
      }),
    );
  });
});
