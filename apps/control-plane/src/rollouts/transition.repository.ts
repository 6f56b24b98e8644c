import type { RolloutState } from '@towline/protocol/http';
import { type AuditNote, recordAudit } from '../audit/audit.repository.ts';
import { announceChanges } from '../platform/change-feed.ts';
import type { Transaction } from '../platform/database.ts';
import { sql } from '../platform/sql.ts';
import { queueWebhooks } from '../webhooks/webhook-queue.repository.ts';
import { type LiveRollout, runSql } from './live-rollout.repository.ts';
import { type RolloutAct, stateAfter } from './rollout-states.ts';
import { webhookOf } from './transition-webhook.ts';

export interface Transition {
  readonly act: RolloutAct;
  /** Operator id, or `system` for the engine. */
  readonly actor: string;
  /** Why: a code of the engine, or what a person wrote. */
  readonly reason: string | null;
  /** Where the act leads, where it is not where it usually does. */
  readonly to?: RolloutState;
  /** What the audit log shall tell besides. */
  readonly details?: AuditNote['details'];
}

const ends: readonly RolloutState[] = ['finished', 'aborted', 'reverting', 'reverted'];

/** The rollout is looked at again, by every tick and every reader, once the transaction commits. */
export const announceRollout = (tx: Transaction, { tenantId, id }: { tenantId: string; id: string }): Promise<void> =>
  announceChanges(tx, [{ tenant: tenantId, kind: 'rollout', id }]);

/**
 * Moves a rollout from one state to another, with its line in the audit log, in the caller's transaction, which holds its row. The table of
 * states is the law. @returns the new state; null when the act is not allowed, and nothing was done
 */
export async function transit(
  tx: Transaction,
  rollout: LiveRollout,
  { act, actor, reason, to, details }: Transition,
): Promise<RolloutState | null> {
  const allowed = stateAfter(rollout.state, act);
  if (allowed === null) return null;
  const next = to ?? allowed;
  const { tenantId, id, name, kind, settings } = rollout;
  const starts = act === 'start';
  // Tried again while it is paused, it still stands for what it was paused for.
  const why = next === rollout.state ? rollout.reason : reason;
  await runSql(
    tx,
    sql`update rollout set state = ${next}, reason = ${why}, obstacle = null, revision = revision + 1,
               started_at = case when ${starts} then now() else started_at end,
               end_at = case when ${starts || act === 'retry'} then greatest(coalesce(end_at, now()), now() + ${settings.endAfterS}::int * interval '1 second') else end_at end,
               ended_at = case when ${ends.includes(next)} then now() end, settled_at = null
         where tenant_id = ${tenantId} and id = ${id}::uuid and revision = ${rollout.revision}`,
  );
  await recordAudit(tx, {
    tenantId,
    actor,
    action: `rollout.${act}`,
    subject: id,
    details: { name, from: rollout.state, to: next, ...(reason === null ? {} : { reason }), ...details },
  });
  const type = webhookOf(act, { actor, to: next });
  const data = { name, kind, from: rollout.state, to: next, reason };
  await queueWebhooks(tx, type === null ? [] : [{ tenant: tenantId, type, subject: id, data }]);
  await announceRollout(tx, rollout);
  return next;
}
