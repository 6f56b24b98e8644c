import { describe, expect, it } from 'vitest';
import type { Setting } from '../gateway/setting.ts';
import { judge, type LabFinding, type LabRecord } from './judge.ts';

const before: Setting = { apn: 'lab.internet', mode: 'qmi' };
const wanted: Setting = { apn: 'lab.dual', mode: 'qmi' };
const other: Setting = { apn: 'other', mode: 'qmi' };

const judged = (seen: Partial<Omit<LabFinding, 'record'>>, record: Partial<LabRecord>) =>
  judge(
    { standing: wanted, isSeen: true, ...seen, record: { heardMs: 1_001, status: 'applied', isConfirmed: true, on: wanted, ...record } },
    { before, wanted, sinceMs: 1_000 },
  );

describe('a gateway in the lab', () => {
  it('has changed when core, broker and record say so, and the control plane had said yes', () => {
    expect(judged({}, {})).toBe('changed');
  });

  it.each(['reverted', 'failed'] as const)('has gone back when the record says %s and the core has the way back up', (status) => {
    expect(judged({ standing: before }, { status, on: before })).toBe('gone-back');
  });

  it.each<readonly [why: string, seen: Partial<Omit<LabFinding, 'record'>>, record: Partial<LabRecord>]>([
    ['the core has no bearer', { standing: null }, {}],
    ['no session comes by the bearer', { isSeen: false }, {}],
    ['nobody has confirmed', {}, { isConfirmed: false }],
    ['the change is under way', {}, { status: 'applying' }],
    ['it is on the new and the record says that it went back', {}, { status: 'reverted' }],
    ['it is on the old and the record says that it was applied', { standing: before }, { on: before }],
    ['core and record name different bearers', { standing: before }, { status: 'reverted' }],
    [
      'only the data mode of what core and record name differs',
      { standing: { ...before, mode: 'mbim' } },
      { status: 'reverted', on: before },
    ],
    ['it is on something else', { standing: other }, { status: 'reverted', on: other }],
    ['it was not heard since the last fault', {}, { heardMs: 1_000 }],
    ['it is offline', {}, { heardMs: null }],
  ])('is not over while %s', (_why, seen, record) => {
    expect(judged(seen, record)).toBeNull();
  });
});
