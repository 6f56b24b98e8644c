import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SimSlot } from '../scalars.ts';
import type { SimConditions, SimSubject } from './sim-conditions.ts';
import { isLaterVersion, resolveRule, slotRule, type TargetRule, targetRuleSchema } from './target.ts';

const subject: SimSubject = {
  homePlmn: '00101',
  iccid: '8988211000000000001',
  imsi: '001010000000001',
  gid1: '0A12FF',
  roaming: false,
  model: 'ec200a',
  firmware: 'EC200AEUHAR01A07M16',
};

const rule = (name: string, when: SimConditions): TargetRule => ({
  name,
  level: 'fleet',
  when,
  profileRef: `${name}@1`,
  profile: { apn: 'internet', ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true },
});

describe('resolveRule', () => {
  it('takes the first rule of which every condition holds, and tells why the earlier ones did not', () => {
    const rules = [
      rule('other carrier', { homePlmn: ['00102'], model: ['ec200a'] }),
      rule('this carrier', { homePlmn: ['00101', '00102'] }),
      rule('rest', {}),
    ];
    const { rule: chosen, trail } = resolveRule(rules, subject);
    expect(chosen?.name).toBe('this carrier');
    expect(trail).toEqual([
      { rule: 'other carrier', level: 'fleet', matched: false, failed: ['homePlmn'] },
      { rule: 'this carrier', level: 'fleet', matched: true, failed: [] },
    ]);
  });

  it('never matches a condition that is newer than itself', () => {
    const { when, ...rest } = rule('of later', {});
    const later = targetRuleSchema.parse({ ...rest, when: { ...when, moonPhase: ['full'] } });
    const { rule: chosen, trail } = resolveRule([later, rule('rest', {})], subject);
    expect(chosen?.name).toBe('rest');
    expect(trail[0]?.failed).toEqual(['moonPhase']);
  });

  it('never matches a condition on what is not known', () => {
    const unknown: SimSubject = {
      homePlmn: null,
      iccid: null,
      imsi: null,
      gid1: null,
      roaming: null,
      model: null,
      firmware: null,
    };
    const conditions: SimConditions[] = [
      { homePlmn: ['00101'] },
      { iccidPrefix: ['8'] },
      { imsiPrefix: ['0'] },
      { roaming: false },
      { gid1Prefix: ['0A'] },
      { firmwarePrefix: ['EC'] },
      { model: ['bg96'] },
    ];
    for (const when of conditions) expect(resolveRule([rule('needs to know', when)], unknown).rule).toBeNull();
  });

  it('compares ICCID and IMSI by prefix', () => {
    expect(resolveRule([rule('card', { iccidPrefix: ['898821'], imsiPrefix: ['00101'] })], subject).rule).not.toBeNull();
    expect(resolveRule([rule('card', { iccidPrefix: ['88'] })], subject).rule).toBeNull();
    expect(resolveRule([rule('brand', { gid1Prefix: ['0A12'], firmwarePrefix: ['EC200AEU'] })], subject).rule).not.toBeNull();
    expect(resolveRule([rule('brand', { gid1Prefix: ['12'] })], subject).rule).toBeNull();
    expect(resolveRule([rule('firmware', { firmwarePrefix: ['ec200a'] })], subject).rule).toBeNull();
  });
});

describe('slotRule', () => {
  const named = (name: string, when: SimConditions, simSlot: SimSlot = 2): TargetRule => ({ ...rule(name, when), simSlot });

  it('is the first that names a slot for this modem, whatever SIM is in it and whichever rule holds for that', () => {
    const rules = [
      rule('rest', {}),
      named('another model', { model: ['bg96'] }, 1),
      named('this model', { model: ['ec200a'] }),
      named('any', {}, 1),
    ];
    expect(slotRule(rules, subject)?.name).toBe('this model');
    expect(slotRule(rules, { model: 'ec25', firmware: null })?.name).toBe('any');
  });

  it('is none that asks for a SIM, of which nothing is known before its slot is chosen, nor one with a condition that is newer than itself', () => {
    const { when, ...rest } = named('of later', {});
    const later = targetRuleSchema.parse({ ...rest, when: { ...when, moonPhase: ['full'] } });
    expect(slotRule([named('card', { iccidPrefix: ['89'] }), named('home', { homePlmn: ['00101'] }), later], subject)).toBeNull();
  });
});

describe('isLaterVersion', () => {
  const version = fc.record({ epoch: fc.integer({ min: 1, max: 5 }), number: fc.integer({ min: 1, max: 5 }) });

  it('orders versions totally: exactly one of later, earlier, equal', () => {
    fc.assert(
      fc.property(version, version, (left, right) => {
        const equal = left.epoch === right.epoch && left.number === right.number;
        return [isLaterVersion(left, right), isLaterVersion(right, left), equal].filter(Boolean).length === 1;
      }),
    );
  });

  it('believes a restored database, whose epoch is later and whose numbers start lower', () => {
    expect(isLaterVersion({ epoch: 2, number: 1 }, { epoch: 1, number: 99 })).toBe(true);
    expect(isLaterVersion({ epoch: 1, number: 1 }, null)).toBe(true);
  });
});
