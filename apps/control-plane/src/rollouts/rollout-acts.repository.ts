import type { Transaction } from '../platform/database.ts';
import { sql } from '../platform/sql.ts';
import { forgivenNow, sumOf } from './decide/counts.ts';
import { type LiveRollout, runSql } from './live-rollout.repository.ts';
import { readWaves } from './tick/step-view.repository.ts';

/** What went wrong so far was seen by a person and does not halt the rollout again. */
export async function forgive(tx: Transaction, rollout: LiveRollout): Promise<void> {
  const { tenantId, id } = rollout;
  const waves = await readWaves(tx, rollout);
  for (const { number, counts } of waves) {
    const { bad, judged } = forgivenNow(counts);
    await runSql(
      tx,
      sql`update rollout_wave set forgiven_bad = ${bad}, forgiven_judged = ${judged}
           where tenant_id = ${tenantId} and rollout_id = ${id}::uuid and number = ${number}`,
    );
  }
  const all = forgivenNow(sumOf(waves));
  await runSql(
    tx,
    sql`update rollout set forgiven_bad = ${all.bad}, forgiven_judged = ${all.judged}, forgiven_at = clock_timestamp(),
               restore_known = restore_known or ${rollout.reason === 'database.restored'}
         where tenant_id = ${tenantId} and id = ${id}::uuid`,
  );
}

/** Every device that went wrong has one more try, now. @returns how many */
export function retryFailed(tx: Transaction, { tenantId, id }: LiveRollout): Promise<number> {
  return runSql(
    tx,
    sql`update rollout_device set next_try_at = now() where tenant_id = ${tenantId} and rollout_id = ${id}::uuid
           and state in ('failed', 'reverted', 'silent') and code is distinct from 'target.superseded'`,
  );
}
