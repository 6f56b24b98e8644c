import { type ConnectionProfile, resolveRule, targetDocumentSchema } from '@towline/protocol';
import type { PolicyRule } from '@towline/protocol/http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompositionSubject, composeTarget, profileRef, sameTarget } from './compose.ts';

const site = '7b0cbd5c-6a3f-4f0e-9d0f-0f6a6bb8f0a1';
const groups = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const profileId = '33333333-3333-4333-8333-333333333333';
const profile = (apn: string): ConnectionProfile => ({ apn, ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true });
const profiles = new Map([1, 2, 3].map((version) => [profileRef({ id: profileId, version }), profile(`apn${version}`)]));
const device: CompositionSubject = {
  id: '0123456789',
  siteId: site,
  tags: ['roof', 'solar'],
  groups: groups.map((id, index) => ({ id, rank: 20 - index })),
  variables: [],
};
const settings = { drift: 'show', roamingHoldS: 300 } as const;
const sim = { homePlmn: '26201', iccid: null, imsi: null, gid1: null, roaming: null, model: null, firmware: null };
const salt = 'sixteen-octets-ok';
const rule = (change: Partial<PolicyRule>): PolicyRule => ({
  name: 'r',
  level: 'fleet',
  when: {},
  profile: { id: profileId, version: 1 },
  ...change,
});
const compose = (rules: PolicyRule[], subject = device) =>
  composeTarget({ device: subject, policy: { id: site, version: 1, rules, variables: {}, settings }, profiles, salt });
const names = (rules: PolicyRule[]) => {
  const composed = compose(rules);
  return composed.ok ? composed.document.rules.map((own) => own.name) : composed.code;
};

const anyRule = fc
  .record({
    name: fc.string({ minLength: 1, maxLength: 8 }),
    level: fc.constantFrom('device', 'group', 'site', 'fleet'),
    own: fc.boolean(),
    group: fc.constantFrom(...groups),
    tags: fc.subarray(['roof', 'solar', 'cellar']),
    version: fc.constantFrom(1, 2, 3),
    homePlmn: fc.option(fc.constantFrom('26201', '26202')),
  })
  .map(({ name, level, own, group, tags, version, homePlmn }) => {
    const subjects = {
      device: own ? device.id : 'abcdefghjk',
      group: own ? group : profileId,
      site: own ? site : profileId,
      fleet: undefined,
    };
    return rule({
      name,
      level,
      ...(subjects[level] === undefined ? {} : { subject: subjects[level] }),
      tags,
      profile: { id: profileId, version },
      when: homePlmn === null ? {} : { homePlmn: [homePlmn] },
    });
  });

describe('a composed target', () => {
  it('asks device before group before site before fleet, groups by rank', () => {
    const rules = [
      rule({ name: 'fleet' }),
      rule({ name: 'site', level: 'site', subject: site }),
      rule({ name: 'group rank 20', level: 'group', subject: groups[0] ?? '' }),
      rule({ name: 'group rank 19', level: 'group', subject: groups[1] ?? '' }),
      rule({ name: 'device', level: 'device', subject: device.id }),
    ];
    expect(names(rules)).toEqual(['device', 'group rank 19', 'group rank 20', 'site', 'fleet']);
  });

  it('leaves out what is for other devices or other tags', () => {
    expect(names([rule({ level: 'device', subject: 'abcdefghjk' }), rule({ tags: ['cellar'] })])).toBe('target.no-rule');
  });

  it('refuses what would not fit into one message', () => {
    expect(names(Array.from({ length: 201 }, () => rule({})))).toBe('target.too-many-rules');
    const wide = rule({ when: { iccidPrefix: Array.from({ length: 50 }, (_, index) => `${index}`.padStart(20, '8')) } });
    expect(names(Array.from({ length: 150 }, () => wide))).toBe('target.too-large');
  });

  it('names the SIM slot where the rule does', () => {
    const composed = compose([rule({ name: 'second slot', simSlot: 2 }), rule({ name: 'rest' })]);
    expect(composed.ok && composed.document.rules.map(({ name, simSlot }) => [name, simSlot])).toEqual([
      ['second slot', 2],
      ['rest', undefined],
    ]);
  });

  it('tells how long roaming must last only where a rule asks for it', () => {
    const holdOf = (rules: PolicyRule[]) => {
      const composed = compose(rules);
      return composed.ok ? composed.document.roamingHoldS : composed.code;
    };
    expect(holdOf([rule({})])).toBeUndefined();
    expect(holdOf([rule({ when: { roaming: true } })])).toBe(300);
  });

  it('is a document that the device takes, with its rules in order of level, and says the same twice', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { minLength: 1, maxLength: 30 }), (rules) => {
        const composed = compose(rules);
        if (!composed.ok) return;
        expect(targetDocumentSchema.parse(composed.document)).toEqual(composed.document);
        const order = composed.document.rules.map((own) => ['device', 'group', 'site', 'fleet'].indexOf(own.level));
        expect(order).toEqual(order.toSorted((left, right) => left - right));
        const again = compose(rules);
        expect(again.ok && sameTarget(again.document, { ...composed.document, salt: 'another-salt-of-it' })).toBe(true);
      }),
    );
  });

  it('resolves to the first match of the strongest level that has one', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { minLength: 1, maxLength: 30 }), (rules) => {
        const composed = compose(rules);
        const winner = composed.ok ? resolveRule(composed.document.rules, sim).rule : null;
        const holds = (own: PolicyRule) => !own.when.homePlmn || own.when.homePlmn.includes('26201');
        const mine = rules.filter((own) => compose([own]).ok && holds(own));
        const expected = (['device', 'group', 'site', 'fleet'] as const)
          .map((level) => mine.find((own) => own.level === level))
          .find(Boolean);
        if (expected?.level !== 'group') expect(winner?.name).toBe(expected?.name);
        else expect(winner?.level).toBe('group');
      }),
    );
  });
});
