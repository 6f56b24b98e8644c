import { failedConditions } from '@towline/protocol';
import type { ShownRule } from '@towline/protocol/http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffRules } from './policy-diff.ts';
import { policyWarnings } from './policy-warnings.ts';

const profile = { id: '33333333-3333-4333-8333-333333333333', version: 1 };
const rule = (name: string, change: Partial<ShownRule> = {}): ShownRule => ({
  name,
  level: 'fleet',
  when: {},
  profile,
  pinSet: false,
  ...change,
});
const codes = (rules: ShownRule[]) => policyWarnings(rules).map((warning) => `${warning.path} ${warning.code}`);

describe('a warning', () => {
  it('names a rule that an earlier one always forestalls', () => {
    expect(codes([rule('all'), rule('german', { when: { homePlmn: ['26201'] } })])).toEqual(['rules[1] rule.unreachable']);
    expect(codes([rule('german', { when: { homePlmn: ['26201'] } }), rule('all')])).toEqual([]);
    expect(codes([rule('roof', { tags: ['roof'] }), rule('all')])).toEqual([]);
    expect(codes([rule('prefix', { when: { iccidPrefix: ['8949'] } }), rule('card', { when: { iccidPrefix: ['894902'] } })])).toEqual([
      'rules[1] rule.unreachable',
    ]);
  });

  it('says nothing of rules at different levels or subjects', () => {
    expect(codes([rule('all'), rule('site', { level: 'site', subject: profile.id })])).toEqual([]);
  });

  it('is never wrong: no SIM passes an earlier rule by and reaches the one out of reach', () => {
    const conditions = fc.record(
      {
        homePlmn: fc.subarray(['26201', '26202', '310410'], { minLength: 1 }),
        iccidPrefix: fc.subarray(['8949', '894902', '8901'], { minLength: 1 }),
        roaming: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    const sim = fc.record({
      homePlmn: fc.option(fc.constantFrom('26201', '26202', '310410')),
      iccid: fc.option(fc.constantFrom('8949020000000000001', '8949010000000000001', '8901000000000000001')),
      imsi: fc.constant(null),
      roaming: fc.option(fc.boolean()),
      model: fc.constant(null),
    });
    fc.assert(
      fc.property(conditions, conditions, sim, (first, second, card) => {
        const warned = codes([rule('a', { when: first }), rule('b', { when: second })]).length > 0;
        const reached = failedConditions(second, card).length === 0 && failedConditions(first, card).length > 0;
        expect(warned && reached).toBe(false);
      }),
    );
  });
});

describe('a diff', () => {
  const stored = (name: string, change: object = {}) => ({ name, level: 'fleet' as const, when: {}, profile, ...change });

  it('tells added, removed, changed and moved rules apart', () => {
    const from = [stored('a'), stored('b'), stored('c'), stored('d')];
    const to = [stored('b'), stored('a'), stored('c', { profile: { ...profile, version: 2 } }), stored('e')];
    expect(diffRules(from, to).map(({ change, rule: name, fields }) => [change, name, fields.join()])).toEqual([
      ['removed', 'd', ''],
      ['moved', 'b', ''],
      ['moved', 'a', ''],
      ['changed', 'c', 'profile'],
      ['added', 'e', ''],
    ]);
  });

  it('says that a PIN changed without showing it', () => {
    const changes = diffRules([stored('a', { pin: '1111' })], [stored('a', { pin: '2222' })]);
    expect(changes[0]?.fields).toEqual(['pin']);
    expect(JSON.stringify(changes)).not.toMatch(/1111|2222/);
  });
});
