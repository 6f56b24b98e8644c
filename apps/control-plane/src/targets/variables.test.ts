import { type ProfileDocument, profileDocumentSchema } from '@towline/protocol/http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AssignedVariable, fillProfile, variablesInForce } from './variables.ts';

const profile = (apn: string, username?: string): ProfileDocument => ({
  apn,
  ipType: 'ipv4',
  auth: username === undefined ? 'none' : 'pap',
  ...(username === undefined ? {} : { username }),
  dataMode: 'auto',
  roaming: true,
});
const value = (level: AssignedVariable['level'], text: string, rank = 0): AssignedVariable => ({ level, rank, name: 'v', value: text });
const fill = (template: ProfileDocument, values: Record<string, string>) => fillProfile(template, new Map(Object.entries(values)));

describe('the value of a variable', () => {
  it("is the device's own before its strongest group's, its site's, the fleet's and the default", () => {
    const all = [value('fleet', 'f'), value('device', 'd'), value('group', 'g2', 2), value('site', 's'), value('group', 'g1', 1)];
    const order = ['d', 'g1', 'g2', 's', 'f'];
    for (let taken = 0; taken < order.length; taken += 1) {
      const left = all.filter(({ value: text }) => !order.slice(0, taken).includes(text));
      expect(variablesInForce(left, { v: 'default' }).get('v')).toBe(order[taken]);
    }
    expect(variablesInForce([], { v: 'default' }).get('v')).toBe('default');
  });
});

describe('a profile with variables', () => {
  it('is filled, and refused where a value is missing or does not fit', () => {
    expect(fill(profile('fleet.${v}'), { v: 'north' })).toMatchObject({ ok: true, profile: { apn: 'fleet.north' } });
    expect(fill(profile('fleet.${v}'), {})).toEqual({ ok: false, code: 'target.variable-unknown' });
    expect(fill(profile('fleet.${v}'), { v: 'no rth' })).toEqual({ ok: false, code: 'target.variable-invalid' });
    expect(fill(profile('a', '${v}@x'), { v: 'me' })).toMatchObject({ profile: { username: 'me@x' } });
    expect(fill(profile('a', '${v}'), { v: 'm'.repeat(65) })).toEqual({ ok: false, code: 'target.variable-invalid' });
  });

  it('lets nothing through that could not have been typed as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '.', '-', '"', '$', '{', '}', ',', '\r') }), (text) => {
        const filled = fill(profile('x${v}', 'u${v}'), { v: text });
        const typed = profileDocumentSchema.safeParse(profile(`x${text.replaceAll('${', '$${')}`, `u${text.replaceAll('${', '$${')}`));
        if (filled.ok) expect(typed.success).toBe(true);
      }),
    );
  });

  it('is refused when it is saved and could never fit', () => {
    const fits = (apn: string) => profileDocumentSchema.safeParse(profile(apn)).success;
    expect([fits('fleet.${site}'), fits('${a}${b}'), fits('${site'), fits('fleet ${site}'), fits('.${site}')]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
