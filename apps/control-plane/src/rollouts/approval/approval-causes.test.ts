import type { ApprovalCause, RolloutApproval } from '@towline/protocol/http';
import { describe, expect, it } from 'vitest';
import { approvalCauses } from './approval-causes.ts';

const filter = { filter: 'online==true' };
const risks = [
  { value: 'lifeline.none', count: 41 },
  { value: 'mode.unavailable', count: 1 },
];

describe('a rollout of 100 devices, 41 without a lifeline and 1 that lacks the mode', () => {
  it.each<[RolloutApproval, ApprovalCause[]]>([
    [{ above: null, risks: {} }, []],
    [{ above: 100, risks: {} }, []],
    [{ above: 99, risks: {} }, ['size']],
    [{ above: null, risks: { 'lifeline.none': 41 } }, []],
    [{ above: null, risks: { 'lifeline.none': 40 } }, ['lifeline.none']],
    [{ above: 0, risks: { 'lifeline.none': 0, 'mode.unavailable': 0 } }, ['size', 'lifeline.none', 'mode.unavailable']],
    [{ above: null, risks: { 'agent.old': 0 } }, []],
  ])('within %j needs somebody else because of %j', (bounds, causes) => {
    expect(approvalCauses({ devices: 100, selection: filter, risks }, bounds)).toEqual(causes);
  });
});

it('counts what a dynamic one may take in later as if it were there', () => {
  const selection = { ...filter, dynamic: { growthLimit: 1 } };
  expect(approvalCauses({ devices: 100, selection, risks: null }, { above: 100, risks: {} })).toEqual(['size']);
  const bounds = { above: null, risks: { 'lifeline.none': 41, 'mode.unavailable': 2, 'agent.old': 0 } };
  expect(approvalCauses({ devices: 100, selection, risks }, bounds)).toEqual(['lifeline.none', 'agent.old']);
});
