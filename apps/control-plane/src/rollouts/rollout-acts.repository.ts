import * as z from 'zod';
import type { Transaction } from '../platform/database.ts';
import { sql } from '../platform/sql.ts';
import { addCounts, forgivenNow, noCounts } from './decide/counts.ts';
import { type LiveRollout, readRows, runSql } from './live-rollout.repository.ts';
import { readWaves } from './tick/step-view.repository.ts';

const tenantSchema = z.object({ above: z.int().nullable() });

/** Whether a rollout of this size needs a second person in this tenant. */
export async function needsSecondPerson(tx: Transaction, { tenantId, devices }: LiveRollout): Promise<boolean> {
  const [tenant] = await readRows(tx, tenantSchema, sql`select approval_above as above from tenant where id = ${tenantId}`);
  const above = tenant?.above ?? null;
  return above !== null && devices > above;
}

export async function markSubmitted(tx: Transaction, { tenantId, id }: LiveRollout, needsApproval: boolean): Promise<void> {
  await runSql(
    tx,
    sql`update rollout set needs_approval = ${needsApproval}, approved_at = null, approved_by = null where tenant_id = ${tenantId} and id = ${id}::uuid`,
  );
}

export async function markApproved(tx: Transaction, { tenantId, id }: LiveRollout, by: string): Promise<void> {
  await runSql(
    tx,
    sql`update rollout set approved_at = now(), approved_by = ${by}::uuid where tenant_id = ${tenantId} and id = ${id}::uuid`,
  );
}

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
  const all = forgivenNow(waves.reduce((sum, { counts }) => addCounts(sum, counts), noCounts));
  await runSql(
    tx,
    sql`update rollout set forgiven_bad = ${all.bad}, forgiven_judged = ${all.judged} where tenant_id = ${tenantId} and id = ${id}::uuid`,
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

export async function readApprovalBound(tx: Transaction, tenantId: string): Promise<number | null> {
  const [tenant] = await readRows(tx, tenantSchema, sql`select approval_above as above from tenant where id = ${tenantId}`);
  return tenant?.above ?? null;
}

export async function writeApprovalBound(tx: Transaction, tenantId: string, above: number | null): Promise<void> {
  await runSql(tx, sql`update tenant set approval_above = ${above} where id = ${tenantId}`);
}
