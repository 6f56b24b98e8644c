import { describe, expect, it } from 'vitest';
import { radioAccessParsers } from './radio-access-replies.ts';

describe('what a modem says that it is kept to', () => {
  it.each([
    // Composed from the vendors' AT command manuals.
    ['qcfg', 'nwscanmode', ['+QCFG: "nwscanmode",3'], '3'],
    ['qcfg', 'nwscanmode', ['+QCFG: "iotopmode",1', '+QCFG: "NWSCANMODE",0,1'], '0'],
    ['qcfg', 'iotopmode', ['+QCFG: "nwscanmode",3'], null],
    ['qnwprefcfg', 'mode_pref', ['+QNWPREFCFG: "mode_pref",LTE:NR5G'], 'LTE:NR5G'],
    ['selrat', '', ['!SELRAT: 06, LTE Only'], '06'],
    ['cnmp', '', ['+CNMP: 38'], '38'],
    ['cnmp', '', ['OK'], null],
  ] as const)('by %s %s is read from %j', (dialect, setting, lines, code) => {
    expect(radioAccessParsers[dialect](lines, setting)).toBe(code);
  });
});
