import { type ApprovalCause, type Rollout, type RolloutApproval, rolloutApprovalSchema } from '@towline/protocol/http';
import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { type LiveRollout, readRows, runSql } from '../live-rollout.repository.ts';
import { stricterBounds } from './stricter-bounds.ts';

const noBounds: RolloutApproval = { above: null, risks: {} };

export async function readApprovalBounds(tx: Transaction, tenantId: string): Promise<RolloutApproval> {
  const [bounds] = await readRows(
    tx,
    rolloutApprovalSchema,
    sql`select approval_above as above, approval_risks as risks from tenant where id = ${tenantId}`,
  );
  return bounds ?? noBounds;
}

/** Bounds that were loosened since a rollout was drafted do not spare it the second person. */
export async function readBoundsOf(
  tx: Transaction,
  { tenantId, draftedUnder }: Pick<LiveRollout, 'tenantId' | 'draftedUnder'>,
): Promise<RolloutApproval> {
  return stricterBounds(await readApprovalBounds(tx, tenantId), draftedUnder ?? noBounds);
}

export async function writeApprovalBounds(tx: Transaction, tenantId: string, { above, risks }: RolloutApproval): Promise<void> {
  await runSql(
    tx,
    sql`update tenant set approval_above = ${above}::int, approval_risks = ${JSON.stringify(risks)}::jsonb where id = ${tenantId}`,
  );
}

/** What was found when it was planned. */
export async function writeRisks(tx: Transaction, { tenantId, id }: LiveRollout, risks: Rollout['risks']): Promise<void> {
  const document = risks && JSON.stringify(risks);
  await runSql(tx, sql`update rollout set risks = ${document}::jsonb where tenant_id = ${tenantId} and id = ${id}::uuid`);
}

export async function markSubmitted(
  tx: Transaction,
  { tenantId, id }: LiveRollout,
  { by, causes }: { by: string; causes: readonly ApprovalCause[] },
): Promise<void> {
  await runSql(
    tx,
    sql`update rollout set submitted_at = now(), submitted_by = ${by}::uuid, approval_causes = ${causes}::text[], approved_at = null, approved_by = null
         where tenant_id = ${tenantId} and id = ${id}::uuid`,
  );
}

export async function markApproved(tx: Transaction, { tenantId, id }: LiveRollout, by: string): Promise<void> {
  await runSql(
    tx,
    sql`update rollout set approved_at = now(), approved_by = ${by}::uuid where tenant_id = ${tenantId} and id = ${id}::uuid`,
  );
}
