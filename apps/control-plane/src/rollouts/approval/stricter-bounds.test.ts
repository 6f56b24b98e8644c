import type { RolloutApproval } from '@towline/protocol/http';
import { expect, it } from 'vitest';
import { stricterBounds } from './stricter-bounds.ts';

const none: RolloutApproval = { above: null, risks: {} };

it.each<[RolloutApproval, RolloutApproval, RolloutApproval]>([
  [none, none, none],
  [{ above: 0, risks: {} }, none, { above: 0, risks: {} }],
  [
    { above: 7, risks: { 'lifeline.none': 2 } },
    { above: 9, risks: { 'lifeline.none': 0 } },
    { above: 7, risks: { 'lifeline.none': 0 } },
  ],
  [
    { above: null, risks: { 'agent.old': 3 } },
    { above: 1, risks: { 'sim.unseen': 4 } },
    { above: 1, risks: { 'agent.old': 3, 'sim.unseen': 4 } },
  ],
])('under %j and %j alike stands who stands under %j', (left, right, both) => {
  expect(stricterBounds(left, right)).toEqual(both);
  expect(stricterBounds(right, left)).toEqual(both);
});
