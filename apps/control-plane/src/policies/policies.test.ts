import { failedConditions, type SimConditions } from '@towline/protocol';
import { policyRuleSchema, type ShownRule } from '@towline/protocol/http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffFields, diffRules } from './policy-diff.ts';
import { policyWarnings } from './policy-warnings.ts';
import { variableWarnings } from './variable-warnings.ts';

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

describe('a rule that names a SIM slot', () => {
  const named = (when: SimConditions) => {
    const { pinSet: _shown, ...members } = rule('r', { when, simSlot: 2 });
    return policyRuleSchema.safeParse(members);
  };

  it('may ask for the modem, and for nothing of a SIM that is not known before it is chosen', () => {
    expect([named({}).success, named({ model: ['em7565'], firmwarePrefix: ['SWI9'] }).success]).toEqual([true, true]);
    const conditions: SimConditions[] = [
      { iccidPrefix: ['8949'] },
      { homePlmn: ['26201'] },
      { imsiPrefix: ['262'] },
      { gid1Prefix: ['0A'] },
      { roaming: false },
    ];
    for (const when of conditions) expect(named(when).error?.issues[0]?.path).toEqual(['simSlot']);
  });
});

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

  it('names a rule that several before it forestall together', () => {
    const both = [rule('a', { when: { homePlmn: ['26201'] } }), rule('b', { when: { homePlmn: ['26202'] } })];
    expect(codes([...both, rule('either', { when: { homePlmn: ['26201', '26202'], roaming: true } })])).toEqual([
      'rules[2] rule.unreachable',
    ]);
    // A SIM of which roaming is not known yet passes both by.
    const roaming = [rule('a', { when: { roaming: true } }), rule('b', { when: { roaming: false } })];
    expect(codes([...roaming, rule('rest')])).toEqual([]);
  });

  it('is none of a rule that names a SIM slot, which it does whichever rule holds for the SIM in it', () => {
    expect(codes([rule('all'), rule('second slot', { simSlot: 2 })])).toEqual([]);
  });

  const other = { ...profile, version: 2 };

  it('names two rules of which only the order decides, and no special case before the general one', () => {
    const german = rule('german', { when: { homePlmn: ['26201'] } });
    const ec25 = { model: ['ec25'] };
    expect(codes([german, rule('ec25', { when: ec25, profile: other })])).toEqual(['rules[1] rule.conflict']);
    expect(codes([german, rule('ec25', { when: ec25 })])).toEqual([]);
    expect(codes([german, rule('rest', { profile: other })])).toEqual([]);
    expect(codes([german, rule('austrian', { when: { homePlmn: ['23201'] }, profile: other })])).toEqual([]);
    expect(codes([rule('roof', { tags: ['roof'] }), rule('solar', { tags: ['solar'], profile: other })])).toEqual([
      'rules[1] rule.conflict',
    ]);
    expect(
      codes([rule('brand', { when: { gid1Prefix: ['0A'] } }), rule('long', { when: { gid1Prefix: ['0A12', '0B'] }, profile: other })]),
    ).toEqual(['rules[1] rule.conflict']);
  });

  /** Every kind of SIM and modem that these conditions tell apart, and more. */
  const values = {
    homePlmn: ['26201', '26202', null],
    iccid: ['8949020000000000001', '8949010000000000001', '8901000000000000001', null],
    roaming: [true, false, null],
    firmware: ['EC25A', 'EC25B', null],
  };
  const subjects = values.homePlmn.flatMap((homePlmn) =>
    values.iccid.flatMap((iccid) =>
      values.roaming.flatMap((roaming) =>
        values.firmware.map((firmware) => ({ homePlmn, iccid, imsi: null, gid1: null, roaming, model: null, firmware })),
      ),
    ),
  );
  const conditions = fc.record(
    {
      homePlmn: fc.subarray(['26201', '26202'], { minLength: 1 }),
      iccidPrefix: fc.subarray(['8949', '894902', '894901', '8901'], { minLength: 1 }),
      roaming: fc.boolean(),
      firmwarePrefix: fc.subarray(['EC25', 'EC25A', 'EC25B'], { minLength: 1 }),
    },
    { requiredKeys: [] },
  );
  const meets = (when: SimConditions) => subjects.filter((subject) => failedConditions(when, subject).length === 0);

  it('of a rule out of reach is right, whatever is tried on it, and none is missed that brute force finds among named values', () => {
    fc.assert(
      fc.property(fc.array(conditions, { minLength: 1, maxLength: 4 }), conditions, (before, last) => {
        const rules = [...before, last].map((when, index) => rule(String(index), { when }));
        const warned = codes(rules).includes(`rules[${before.length}] rule.unreachable`);
        const reached = meets(last).some((subject) => before.every((when) => failedConditions(when, subject).length > 0));
        // A prefix of which every longer one is named too stands for a value that brute force does not try.
        const isOpen = JSON.stringify([...before, last]).match(/"8949"|"EC25"/);
        expect(warned && reached).toBe(false);
        if (!isOpen) expect(warned).toBe(!reached);
      }),
      { numRuns: 500 },
    );
  });

  it('of a conflict names SIMs that meet both rules', () => {
    fc.assert(
      fc.property(conditions, conditions, (first, second) => {
        const warned = codes([rule('a', { when: first }), rule('b', { when: second, profile: other })]).includes('rules[1] rule.conflict');
        const [left, right] = [meets(first), meets(second)];
        const isPartial = left.some((one) => !right.includes(one)) && right.some((one) => !left.includes(one));
        const meet = left.some((one) => right.includes(one));
        const isOpen = JSON.stringify([first, second]).match(/"8949"|"EC25"/);
        if (!isOpen) expect(warned).toBe(meet && isPartial);
      }),
      { numRuns: 500 },
    );
  });

  it('is given in time for a policy as large as may be', () => {
    const prefixes = (seed: number) =>
      Array.from({ length: 50 }, (_, index) => String(8_000_000 + ((index * 7919 + seed * 104_729) % 999_999)));
    const rules = Array.from({ length: 500 }, (_, index) =>
      rule(String(index), { when: { iccidPrefix: prefixes(index), imsiPrefix: prefixes(index + 1), roaming: index % 2 === 0 } }),
    );
    const startedMs = performance.now();
    policyWarnings(rules);
    expect(performance.now() - startedMs).toBeLessThan(3000);
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

  it('tells settings and defaults apart by name', () => {
    const settings = { drift: 'show', roamingHoldS: 300 } as const;
    const from = { settings, variables: { site: 'north', gone: 'x' } };
    const to = { settings: { ...settings, drift: 'mend' as const }, variables: { site: 'south', fresh: 'y' } };
    expect(diffFields(from, to)).toEqual([
      { field: 'settings.drift', from: 'show', to: 'mend' },
      { field: 'variables.site', from: 'north', to: 'south' },
      { field: 'variables.gone', from: 'x', to: null },
      { field: 'variables.fresh', from: null, to: 'y' },
    ]);
    expect(diffFields(from, from)).toEqual([]);
  });

  it('says that a PIN changed without showing it', () => {
    const changes = diffRules([stored('a', { pin: '1111' })], [stored('a', { pin: '2222' })]);
    expect(changes[0]?.fields).toEqual(['pin']);
    expect(JSON.stringify(changes)).not.toMatch(/1111|2222/);
  });
});

describe('a profile with variables', () => {
  it('is told of where a variable has no default', () => {
    const templates = new Map([[`${profile.id}@1`, { apn: 'fleet.${site}', username: '${user}' }]]);
    const warned = variableWarnings([rule('a'), rule('b')], { site: 'north' }, templates);
    expect(warned.map(({ code, path, message }) => `${path} ${code} ${message.split(':')[0]}`)).toEqual([
      'rules[0].profile variable.no-default user',
      'rules[1].profile variable.no-default user',
    ]);
    expect(variableWarnings([rule('a')], { site: 'north', user: 'u' }, templates)).toEqual([]);
  });
});
