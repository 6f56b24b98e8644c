import {
  dryRunCountSchema,
  type RolloutSettings,
  rolloutApprovalSchema,
  rolloutSettingsSchema,
  rolloutStateSchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import type { Transaction } from '../platform/database.ts';
import { renderSql, type Sql, sql } from '../platform/sql.ts';

/** Milliseconds since 1970, or null. */
export const msOf = (column: Sql): Sql => sql`(extract(epoch from ${column}) * 1000)::float8`;

const rowsSchema = z.array(z.unknown());
const oneValueSchema = z.tuple([z.object({ rows: rowsSchema })]);

/** Rows of hand-made SQL inside a Prisma transaction, by their schema. */
export async function readRows<Row>(tx: Transaction, schema: z.ZodType<Row>, query: Sql): Promise<Row[]> {
  const { text, values } = renderSql(query);
  return rowsSchema.parse(await tx.$queryRawUnsafe(text, ...values)).map((row) => schema.parse(row));
}

/** The same for hundreds of rows, as one JSON value: Prisma takes a third of the time for it. Dates and wide numbers do not come through. */
export async function readManyRows<Row>(tx: Transaction, schema: z.ZodType<Row>, query: Sql): Promise<Row[]> {
  const { text, values } = renderSql(sql`select coalesce(json_agg(q), '[]') as rows from (${query}) q`);
  const [{ rows }] = oneValueSchema.parse(await tx.$queryRawUnsafe(text, ...values));
  return rows.map((row) => schema.parse(row));
}

export async function runSql(tx: Transaction, statement: Sql): Promise<number> {
  const { text, values } = renderSql(statement);
  return tx.$executeRawUnsafe(text, ...values);
}

const ms = z.number().nullable();
const rowSchema = z.object({
  tenantId: z.string(),
  id: z.uuid(),
  name: z.string(),
  kind: z.enum(['policy', 'job']),
  policyId: z.uuid().nullable(),
  policyVersion: z.int().nullable(),
  order: z.unknown(),
  selection: z.unknown(),
  settings: z.unknown().transform((settings): RolloutSettings => rolloutSettingsSchema.parse(settings)),
  state: rolloutStateSchema,
  reason: z.string().nullable(),
  obstacle: z.string().nullable(),
  revision: z.int(),
  priority: z.int(),
  currentWave: z.int(),
  devices: z.int(),
  grown: z.int(),
  createdBy: z.uuid(),
  authors: z.array(z.uuid()),
  risks: z.array(dryRunCountSchema).nullable(),
  draftedUnder: rolloutApprovalSchema.nullable(),
  approvedBy: z.uuid().nullable(),
  revertOf: z.uuid().nullable(),
  startAtMs: ms,
  endAtMs: ms,
  heardAtMs: ms,
  settledAtMs: ms,
  forgivenBad: z.int(),
  forgivenJudged: z.int(),
  restoreKnown: z.boolean(),
  credit: z.number().nullable(),
  creditAtMs: ms,
  pendingAfter: z.int(),
  waitingAfter: z.string().nullable(),
  nowMs: z.number(),
});

/** A rollout whose row is locked until the transaction ends; `nowMs` is the database's clock. */
export type LiveRollout = z.infer<typeof rowSchema>;

const columns = sql`r.tenant_id as "tenantId", r.id, r.name, r.kind, r.policy_id as "policyId", r.policy_version as "policyVersion", r."order", r.selection,
  r.settings, r.state, r.reason, r.obstacle, r.revision, r.priority, r.current_wave as "currentWave", r.devices, r.grown,
  r.created_by as "createdBy", r.authors, r.risks, r.drafted_under as "draftedUnder", r.approved_by as "approvedBy", r.revert_of as "revertOf", ${msOf(sql`r.start_at`)} as "startAtMs",
  ${msOf(sql`r.end_at`)} as "endAtMs", ${msOf(sql`r.heard_at`)} as "heardAtMs", ${msOf(sql`r.settled_at`)} as "settledAtMs",
  r.forgiven_bad as "forgivenBad", r.forgiven_judged as "forgivenJudged", r.restore_known as "restoreKnown", r.credit, ${msOf(sql`r.credit_at`)} as "creditAtMs",
  r.pending_after as "pendingAfter", r.waiting_after as "waitingAfter", ${msOf(sql`clock_timestamp()`)} as "nowMs"`;

export interface RolloutKey {
  readonly tenantId: string;
  readonly id: string;
}

/** Locks one rollout. @param wait false: null also when somebody else has it now */
export async function lockRollout(tx: Transaction, { tenantId, id }: RolloutKey, wait: boolean): Promise<LiveRollout | null> {
  const skip = wait ? sql`` : sql`skip locked`;
  const query = sql`select ${columns} from rollout r where r.tenant_id = ${tenantId} and r.id = ${id}::uuid for update of r ${skip}`;
  const [row] = await readRows(tx, rowSchema, query);
  return row ?? null;
}

/** Of `rollout f`: a tick has to look at it; of any other nothing is on its way. The condition is that of the index `rollout_live`. */
export const isLive = sql`f.settled_at is null and f.state in ('scheduled', 'running', 'paused', 'finished', 'aborted', 'reverting')`;

/** Rollouts that a tick has to look at. */
export function listLiveRollouts(tx: Transaction): Promise<RolloutKey[]> {
  const query = sql`select f.tenant_id as "tenantId", f.id from rollout f where ${isLive} order by f.priority desc, f.created_at, f.id`;
  return readRows(tx, z.object({ tenantId: z.string(), id: z.uuid() }), query);
}
