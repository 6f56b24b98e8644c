import { seededRandom } from '@towline/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportedModem } from '../api/testing/fleet.ts';
import { type DriftLook, type DriftMemory, maxMends, rememberDrift } from './decide-mend.ts';
import { driftKey } from './drift-key.ts';

const fresh: DriftMemory = { sinceMs: null, clearedAtMs: null, targetNumber: 1, mends: 0, mendAtMs: null };
const look: DriftLook = { fields: ['apn'], targetNumber: 1, mayMend: true, nowMs: 1000 };
const random = seededRandom(3);
const minutes = 60_000;

describe('drift', () => {
  it('is mended after a quarter of an hour, then ever more seldom, and not for ever', () => {
    const gaps = [];
    for (let mends = 0; mends < maxMends; mends += 1) {
      const { mendAtMs } = rememberDrift({ ...fresh, mends }, look, random);
      gaps.push(Math.round((Number(mendAtMs) - look.nowMs) / minutes));
    }
    expect(gaps.map((gap, index) => gap >= ([12, 48, 192][index] ?? 0) && gap <= ([15, 60, 240][index] ?? 0))).toEqual([true, true, true]);
    expect(rememberDrift({ ...fresh, mends: maxMends }, look, random).mendAtMs).toBeNull();
  });

  it('keeps its time while it is looked at again, and is only shown where the policy says so', () => {
    const first = rememberDrift(fresh, look, random);
    expect(rememberDrift(first, { ...look, fields: ['apn', 'rule'], nowMs: 2000 }, random)).toMatchObject({
      sinceMs: 1000,
      mendAtMs: first.mendAtMs,
    });
    expect(rememberDrift(first, { ...look, mayMend: false }, random)).toMatchObject({ sinceMs: 1000, mendAtMs: null });
  });

  it('that comes back after a mend is counted on, and begins anew after a day or with another target', () => {
    const cleared = rememberDrift({ ...fresh, sinceMs: 500, mends: 2 }, { ...look, fields: [] }, random);
    expect(cleared).toMatchObject({ sinceMs: null, clearedAtMs: 1000, mends: 2, mendAtMs: null });
    expect(rememberDrift(cleared, { ...look, nowMs: 2000 }, random).mends).toBe(2);
    expect(rememberDrift(cleared, { ...look, nowMs: 1000 + 24 * 60 * minutes }, random).mends).toBe(0);
    expect(rememberDrift({ ...fresh, mends: maxMends }, { ...look, targetNumber: 2 }, random)).toMatchObject({ mends: 0, targetNumber: 2 });
  });

  it('never plans a mend of what does not drift, or beyond the number', () => {
    const memory = fc.record({
      sinceMs: fc.option(fc.nat(1000)),
      clearedAtMs: fc.option(fc.nat(1000)),
      targetNumber: fc.option(fc.nat(3)),
      mends: fc.nat(5),
      mendAtMs: fc.option(fc.nat(1000)),
    });
    fc.assert(
      fc.property(memory, fc.subarray(['apn', 'rule']), fc.boolean(), (past, fields, mayMend) => {
        const next = rememberDrift(past, { ...look, fields, mayMend }, random);
        if (fields.length === 0 || !mayMend || next.mends >= maxMends) expect(next.mendAtMs).toBeNull();
        expect(next.sinceMs === null).toBe(fields.length === 0);
      }),
    );
  });
});

describe('what drift follows from', () => {
  const target = { version: { epoch: 1, number: 1 }, digest: 'd', status: 'applied' } as const;
  const key = (change: Partial<typeof reportedModem> = {}, status: 'applied' | 'failed' = 'applied') =>
    driftKey({ target: { ...target, status }, modems: [{ ...reportedModem, ...change }] });

  it('stays the same while only the radio changes', () => {
    expect(key({ signal: null, fault: { code: 'a.b', evidence: [] } })).toBe(key());
  });

  it('differs with what is dialled, by which rule, and how far the target is', () => {
    const keys = [key(), key({ bearer: null }), key({ rule: 'other' }), key({ roaming: true }), key({}, 'failed'), key({ sim: null })];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
