import type { RolloutDeviceState, RolloutState } from '@towline/protocol/http';

/** What moves a rollout from one state to another. */
export type RolloutAct =
  | 'plan'
  | 'edit'
  | 'submit'
  | 'approve'
  | 'reject'
  | 'start'
  | 'pause'
  | 'resume'
  | 'finish'
  | 'abort'
  | 'revert'
  | 'retry'
  | 'complete'
  | 'giveUp';

/** What each act may begin from, and where it leads; `submit` leads further when nobody else has to approve. */
const transitions: Readonly<Record<RolloutAct, { readonly from: readonly RolloutState[]; readonly to: RolloutState }>> = {
  plan: { from: ['draft', 'planned'], to: 'planned' },
  edit: { from: ['draft', 'planned'], to: 'draft' },
  submit: { from: ['planned'], to: 'awaiting-approval' },
  approve: { from: ['awaiting-approval'], to: 'scheduled' },
  reject: { from: ['awaiting-approval'], to: 'draft' },
  start: { from: ['scheduled'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  finish: { from: ['running', 'paused'], to: 'finished' },
  abort: { from: ['planned', 'awaiting-approval', 'scheduled', 'running', 'paused'], to: 'aborted' },
  revert: { from: ['running', 'paused', 'finished', 'aborted'], to: 'reverting' },
  retry: { from: ['running', 'paused', 'finished'], to: 'running' },
  complete: { from: ['reverting'], to: 'reverted' },
  giveUp: { from: ['reverting'], to: 'aborted' },
};

/** Where the act leads from this state; null where it is not allowed. */
export function stateAfter(state: RolloutState, act: RolloutAct): RolloutState | null {
  const { from, to } = transitions[act];
  if (!from.includes(state)) return null;
  return act === 'retry' && state === 'paused' ? 'paused' : to;
}

/** What leads on from a state in which nothing moves yet. */
const leadsOn: Readonly<Partial<Record<RolloutState, RolloutAct>>> = {
  draft: 'plan',
  planned: 'submit',
  'awaiting-approval': 'approve',
  scheduled: 'start',
};

/** Why an act is not allowed, for the caller to read: with what comes next instead. */
export function refusalText(state: RolloutState, act: RolloutAct): string {
  const next = leadsOn[state];
  return `the rollout is ${state}; this can be done when it is ${transitions[act].from.join(' or ')}${next ? `. Next is ${next}` : ''}`;
}

/** On its way: the link may be down at this very moment. */
export const inFlightStates: readonly RolloutDeviceState[] = ['opened', 'changing'];

/** It went wrong. */
export const badStates: readonly RolloutDeviceState[] = ['failed', 'reverted', 'silent'];

export const isBad = (state: RolloutDeviceState): boolean => badStates.includes(state);
export const isInFlight = (state: RolloutDeviceState): boolean => inFlightStates.includes(state);
