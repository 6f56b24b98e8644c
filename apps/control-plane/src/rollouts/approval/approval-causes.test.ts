import type { ApprovalCause, RolloutApproval } from '@towline/protocol/http';
import { describe, expect, it } from 'vitest';
import { approvalCauses, type Reach } from './approval-causes.ts';

const hundred: Reach = {
  devices: 100,
  later: 0,
  risks: [
    { value: 'lifeline.none', count: 41 },
    { value: 'mode.unavailable', count: 1 },
  ],
};
const causesOf = (...asked: Parameters<typeof approvalCauses>) => approvalCauses(...asked).map(({ cause }) => cause);

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
    expect(causesOf(hundred, hundred, bounds)).toEqual(causes);
  });
});

it('counts what a dynamic one may take in later as if it were there', () => {
  const growing = { ...hundred, devices: 101, later: 1 };
  expect(causesOf(growing, growing, { above: 100, risks: {} })).toEqual(['size']);
  const bounds = { above: null, risks: { 'lifeline.none': 41, 'mode.unavailable': 2, 'agent.old': 0 } };
  expect(causesOf(growing, growing, bounds)).toEqual(['lifeline.none', 'agent.old']);
  const order = { ...growing, risks: null };
  expect(causesOf(order, order, bounds)).toEqual([]);
});

it('counts all that the person has done alone, and blames nothing for what it adds nothing to', () => {
  const bounds = { above: 100, risks: { 'lifeline.none': 40, 'agent.old': 0 } };
  const own = { devices: 1, later: 0, risks: [{ value: 'agent.old', count: 1 }] };
  const alone = { ...hundred, devices: 101, risks: [...(hundred.risks ?? []), { value: 'agent.old', count: 1 }] };
  expect(approvalCauses(own, alone, bounds)).toEqual([
    { cause: 'size', devices: 101, bound: 100 },
    { cause: 'agent.old', devices: 1, bound: 0 },
  ]);
});
