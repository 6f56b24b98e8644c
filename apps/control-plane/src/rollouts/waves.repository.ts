import { recordAudit } from '../audit/audit.repository.ts';
import type { Transaction } from '../platform/database.ts';
import { sql } from '../platform/sql.ts';
import { queueWebhooks } from '../webhooks/webhook-queue.repository.ts';
import { type LiveRollout, runSql } from './live-rollout.repository.ts';

/** A wave begins: one line in the audit log, for all its devices. @param by whose act it is, and whether the wave before has proven itself */
export async function beginWave(
  tx: Transaction,
  { tenantId, id, name, kind }: LiveRollout,
  { number, actor, proven }: { number: number; actor: string; proven: boolean },
): Promise<void> {
  await runSql(
    tx,
    sql`update rollout set current_wave = ${number}, pending_after = 0, obstacle = null where tenant_id = ${tenantId} and id = ${id}::uuid`,
  );
  await runSql(
    tx,
    sql`update rollout_wave set opened_at = coalesce(opened_at, now()) where tenant_id = ${tenantId} and rollout_id = ${id}::uuid and number = ${number}`,
  );
  await recordAudit(tx, { tenantId, actor, action: 'rollout.wave', subject: id, details: { name, wave: number } });
  const note = (type: 'rollout.wave-opened' | 'rollout.wave-succeeded', wave: number) => ({
    tenant: tenantId,
    type,
    subject: id,
    data: { name, kind, wave },
  });
  const before = proven && number > 1 ? [note('rollout.wave-succeeded', number - 1)] : [];
  await queueWebhooks(tx, [...before, note('rollout.wave-opened', number)]);
}
