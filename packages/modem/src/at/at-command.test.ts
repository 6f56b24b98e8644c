import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAccessPointName, withoutOperatorIdentifier } from './access-point-name.ts';
import { atCommand, atDial, atSet } from './at-command.ts';

const contextId = { kind: 'number', value: 1, min: 1, max: 16 } as const;

describe('the AT encoder', () => {
  it('builds a command from typed parts', () => {
    const built = atSet('+CGDCONT', contextId, { kind: 'keyword', value: 'IP' }, { kind: 'apn', value: 'fleet.north' });
    expect(built).toMatchObject({ ok: true, value: { text: 'AT+CGDCONT=1,"IP","fleet.north"', prefix: '+CGDCONT' } });
    expect(atDial(3)).toMatchObject({ ok: true, value: { text: 'ATD*99***3#', dials: true } });
  });

  it('shows no secret, neither in its own text nor in a line that a modem sends back', () => {
    const built = atSet('+CGAUTH', contextId, { kind: 'username', value: 'me' }, { kind: 'password', value: 's3cret' });
    if (!built.ok) throw new Error('refused');
    expect(built.value.redacted).toBe('AT+CGAUTH=1,"me","***"');
    expect(built.value.redact('+CGAUTH: 1,"me","s3cret"')).toBe('+CGAUTH: 1,"me","***"');
  });

  it('refuses without telling the value', () => {
    const built = atSet('+CPIN', { kind: 'pin', value: '12"34' });
    expect(built).toEqual({
      ok: false,
      failure: { code: 'value.refused', evidence: ['+CPIN: pin is not allowed in a command'] },
    });
  });

  it.each(['123', '123456789', '12a4', ''])('refuses the PIN %j', (value) => {
    expect(atSet('+CPIN', { kind: 'pin', value }).ok).toBe(false);
  });

  it('lets no text end a string or a line, whatever is asked for', () => {
    const kinds = fc.constantFrom('apn', 'username', 'password', 'pin', 'keyword', 'code' as const);
    fc.assert(
      fc.property(kinds, fc.string({ unit: 'binary', maxLength: 200 }), (kind, value) => {
        const built = atSet('+X', { kind, value });
        if (!built.ok) return true;
        return /^AT\+X=("[\x20-\x21\x23-\x5b\x5d-\x7e]{0,127}"|[A-Za-z0-9]+)$/.test(built.value.text);
      }),
    );
  });

  it('throws for a malformed literal, which is a mistake in the source', () => {
    expect(() => atCommand('AT+CSQ\r')).toThrowError(expect.objectContaining({ code: 'at.malformed-literal' }));
  });
});

describe('an access point name', () => {
  it.each(['', 'internet', 'fleet.north', '3gnet', 'a-b.c', 'x.mnc007.mcc262.gprs'])('may be %j', (apn) => {
    expect(isAccessPointName(apn)).toBe(true);
  });

  it.each([
    'a b',
    'a"',
    '.a',
    'a.',
    'a..b',
    '-a',
    'a-',
    'über',
    'rac1',
    'sgsn.x',
    'x.gprs',
    'a'.repeat(64),
    `${'a'.repeat(49)}.${'b'.repeat(50)}`,
  ])('may not be %j', (apn) => {
    expect(isAccessPointName(apn)).toBe(false);
  });

  it('loses what the network added', () => {
    expect(withoutOperatorIdentifier('fleet.north.mnc007.mcc262.gprs')).toBe('fleet.north');
    expect(withoutOperatorIdentifier('fleet.north')).toBe('fleet.north');
  });
});
