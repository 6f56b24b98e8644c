import { describe, expect, it } from 'vitest';
import { refusalOfPppd } from '../ppp/pppd-refusal.ts';
import { refusalOfQmi } from '../qmi/qmi-refusal.ts';
import { refusalOfCeer, refusalOfCme } from './failure-of.ts';
import { equipmentErrors, networkCauses } from './network-causes.ts';
import { pppdExits } from './pppd-failures.ts';
import { qmiCallEndCauses, qmiCallEnds, qmiCallManagerEnds, qmiInternalEnds, qmiPppEnds, qmiProtocolErrors } from './qmi-failures.ts';

const verbose = (type: number, reason: string) =>
  `QMI protocol error (14): 'CallFailed'\ncall end reason (1): x\nverbose call end reason (${type},${reason}): [x] x`;

describe('every refusal that is known means the same in whichever words it comes', () => {
  it.each(networkCauses.map((known) => [known.cause, known] as const))('3GPP cause %d', (cause, { code, cme, texts }) => {
    const refusal = expect.objectContaining({ code, cause });
    expect(refusalOfQmi(verbose(6, String(cause)))).toEqual(refusal);
    if (cme !== undefined) expect(refusalOfCme(String(cme))).toEqual(refusal);
    for (const text of texts) expect(refusalOfCeer([`+CEER: ${text}`])).toEqual(refusal);
  });

  it.each(equipmentErrors.map((known) => [known.cme, known] as const))('CME %d', (cme, { code, text }) => {
    expect(refusalOfCme(String(cme))).toEqual({ code });
    expect(refusalOfCme(text.toUpperCase())).toEqual({ code });
  });

  it.each(Object.entries(qmiProtocolErrors))('QMI protocol error %s', (error, code) => {
    expect(refusalOfQmi(`error: couldn't do it: QMI protocol error (${error}): 'Name'`)).toEqual({ code });
  });

  it.each(Object.entries(qmiCallEndCauses))('call end reason %s, which is the cause %d', (reason, cause) => {
    expect(refusalOfQmi(`QMI protocol error (14): 'CallFailed'\ncall end reason (${reason}): x`)).toMatchObject({ cause });
  });

  it.each(Object.entries(qmiCallEnds))('call end reason %s', (reason, code) => {
    expect(refusalOfQmi(`QMI protocol error (14): 'CallFailed'\ncall end reason (${reason}): x`)).toEqual({ code });
  });

  it.each([
    [2, qmiInternalEnds],
    [3, qmiCallManagerEnds],
    [7, qmiPppEnds],
  ] as const)('verbose call end reasons of type %d', (type, table) => {
    for (const [reason, code] of Object.entries(table)) expect(refusalOfQmi(verbose(type, reason))).toEqual({ code });
  });

  it.each(Object.entries(pppdExits))('pppd ending with %s', (code, failure) => {
    expect(refusalOfPppd({ kind: 'exited', code: Number(code) }, [])).toBe(failure);
  });
});
