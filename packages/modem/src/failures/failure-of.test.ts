import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atCommand, atSet } from '../at/at-command.ts';
import { failureOf, refusalOfCeer, refusalOfCme } from './failure-of.ts';

describe('a CME error', () => {
  it.each([
    ['10', { code: 'sim.absent' }],
    ['SIM not inserted', { code: 'sim.absent' }],
    ['11', { code: 'sim.pin-required' }],
    ['16', { code: 'sim.pin-wrong' }],
    ['32', { code: 'network.no-service' }],
    ['103', { code: 'network.denied', cause: 3 }],
    ['113', { code: 'network.not-allowed', cause: 13 }],
    ['126', { code: 'network.congested', cause: 26 }],
    ['127', { code: 'apn.unknown', cause: 27 }],
    ['133', { code: 'apn.not-subscribed', cause: 33 }],
    ['149', { code: 'bearer.auth-failed', cause: 29 }],
    ['177', { code: 'network.barred', cause: 8 }],
    ['192', { code: 'bearer.ip-type', cause: 50 }],
    ['requested service option not subscribed', { code: 'apn.not-subscribed', cause: 33 }],
    ['9999', { code: 'at.rejected' }],
  ])('%s', (detail, refusal) => {
    expect(refusalOfCme(detail)).toEqual(refusal);
  });
});

describe('the report of the last call', () => {
  it.each([
    [['+CEER: 5,33'], { code: 'apn.not-subscribed', cause: 33 }],
    [['+CEER: Requested service option not subscribed'], { code: 'apn.not-subscribed', cause: 33 }],
    [['+CEER: GPRS services not allowed in this PLMN'], { code: 'network.not-allowed', cause: 14 }],
    [['+CEER: No cause information available'], null],
    [['+CEER: '], null],
    [[], null],
  ])('%j', (lines, refusal) => {
    expect(refusalOfCeer(lines)).toEqual(refusal);
  });

  it('never breaks, whatever a modem reports', () => {
    fc.assert(fc.property(fc.array(fc.string()), (lines) => void refusalOfCeer(lines.map((line) => `+CEER: ${line}`))));
  });
});

describe('evidence', () => {
  it('holds no secret: not the one sent, and not one that the modem reads back', () => {
    const sent = atSet('+CGAUTH', { kind: 'number', value: 1, min: 1, max: 16 }, { kind: 'password', value: 'hush' });
    if (!sent.ok) throw new Error('refused');
    const lines = ['hush', '+CGAUTH: 2,1,"me","other"', '+QICSGP: 1,"a","me","other",1'];
    const failure = failureOf(sent.value, { result: { kind: 'error' }, lines });
    expect(failure.evidence).toEqual(['> AT+CGAUTH=1,"***"', '***', '+CGAUTH: ***', '+QICSGP: ***', 'ERROR']);
  });

  it('tells a time-out from a closed port', () => {
    const ask = atCommand('AT');
    expect(failureOf(ask, { result: { kind: 'timeout' }, lines: [] }).code).toBe('at.timeout');
    expect(failureOf(ask, { result: { kind: 'closed' }, lines: [] }).code).toBe('at.port-closed');
  });
});
