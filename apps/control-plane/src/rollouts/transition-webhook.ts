import type { WebhookType } from '@towline/protocol/http';
import type { RolloutAct } from './rollout-states.ts';

const told: Readonly<Partial<Record<RolloutAct, WebhookType>>> = {
  approve: 'rollout.approved',
  start: 'rollout.started',
  resume: 'rollout.resumed',
  finish: 'rollout.finished',
  abort: 'rollout.aborted',
  revert: 'rollout.reverting',
  complete: 'rollout.reverted',
};

/** What endpoints are told of an act; null: nothing. A stop by the engine is a halt, one by a person a pause. */
export function webhookOf(act: RolloutAct, { actor, to }: { actor: string; to: string }): WebhookType | null {
  if (act === 'submit') return to === 'awaiting-approval' ? 'rollout.awaiting-approval' : null;
  if (act === 'pause') return actor === 'system' ? 'rollout.halted' : 'rollout.paused';
  return told[act] ?? null;
}
