import { jobOrderSchema } from '@towline/protocol';
import {
  approvalCauseSchema,
  type CreateRollout,
  dryRunCountSchema,
  type Page,
  type Rollout,
  type RolloutDeviceItem,
  type RolloutDeviceQuery,
  type RolloutQuery,
  rolloutDeviceStateSchema,
  rolloutSettingsSchema,
  rolloutStateSchema,
  selectionSchema,
  type UpdateRollout,
} from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { allOf, type Sql, sql } from '../platform/sql.ts';
import { addCounts, noCounts } from './decide/counts.ts';
import { type LiveRollout, readRows, runSql } from './live-rollout.repository.ts';
import { precedingRollouts } from './tick/step-view.repository.ts';

const moment = z.coerce.date().transform((time) => time.toISOString());
const momentOrNull = moment.nullable();
const countSchema = z.object({ wave: z.int(), state: rolloutDeviceStateSchema, devices: z.int() });
const waveSchema = z.object({ number: z.int(), size: z.int(), manual: z.boolean(), openedAt: momentOrNull });

const rowSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: z.enum(['policy', 'job']),
  order: z.nullable(jobOrderSchema),
  policyId: z.uuid().nullable(),
  policyVersion: z.int().nullable(),
  selection: z.union([selectionSchema, z.strictObject({})]),
  settings: rolloutSettingsSchema,
  state: rolloutStateSchema,
  reason: z.string().nullable(),
  obstacle: z.string().nullable(),
  revision: z.int(),
  priority: z.int(),
  currentWave: z.int(),
  devices: z.int(),
  risks: z.array(dryRunCountSchema).nullable(),
  approvalCauses: z.array(approvalCauseSchema),
  note: z.string().nullable(),
  createdAt: moment,
  createdBy: z.uuid(),
  approvedAt: momentOrNull,
  approvedBy: z.uuid().nullable(),
  startAt: momentOrNull,
  startedAt: momentOrNull,
  endAt: momentOrNull,
  endedAt: momentOrNull,
  revertOf: z.uuid().nullable(),
  wayBack: z.uuid().nullable(),
  waves: z.array(waveSchema),
  waveCounts: z.array(countSchema),
});
type Row = z.infer<typeof rowSchema>;

const columns = sql`r.id, r.name, r.kind, r."order", r.policy_id as "policyId", r.policy_version as "policyVersion", r.selection, r.settings, r.state, r.reason, r.obstacle,
  r.revision, r.priority, r.current_wave as "currentWave", r.devices, r.risks, r.approval_causes as "approvalCauses", r.note, r.created_at as "createdAt",
  r.created_by as "createdBy", r.approved_at as "approvedAt", r.approved_by as "approvedBy", r.start_at as "startAt", r.started_at as "startedAt",
  r.end_at as "endAt", r.ended_at as "endedAt", r.revert_of as "revertOf",
  (select b.id from rollout b where b.tenant_id = r.tenant_id and b.revert_of = r.id order by b.created_at desc limit 1) as "wayBack",
  (select coalesce(jsonb_agg(jsonb_build_object('number', w.number, 'size', w.size, 'manual', w.manual, 'openedAt', w.opened_at) order by w.number), '[]')
     from rollout_wave w where w.tenant_id = r.tenant_id and w.rollout_id = r.id) as waves,
  (select coalesce(jsonb_agg(jsonb_build_object('wave', c.wave, 'state', c.state, 'devices', c.devices)), '[]')
     from rollout_count c where c.tenant_id = r.tenant_id and c.rollout_id = r.id) as "waveCounts"`;

function shown({ policyId, policyVersion, waves, waveCounts, ...row }: Row): Rollout {
  const countsOf = (rows: readonly Row['waveCounts'][number][]) =>
    rows.reduce((sum, { state, devices }) => addCounts(sum, { ...noCounts, [state]: devices }), noCounts);
  return {
    ...row,
    policy: policyId === null || policyVersion === null ? null : { id: policyId, version: policyVersion },
    waves: waves.map((wave) => ({ ...wave, counts: countsOf(waveCounts.filter((count) => count.wave === wave.number)) })),
    counts: countsOf(waveCounts),
  };
}

const placeSchema = z.tuple([z.iso.datetime(), z.uuid()]);
const devicePlaceSchema = z.tuple([z.string()]);

const deviceRowSchema = z.object({
  device: z.string(),
  name: z.string(),
  wave: z.int(),
  state: rolloutDeviceStateSchema,
  code: z.string().nullable(),
  waitsFor: z.uuid().nullable(),
  attempt: z.int(),
  epoch: z.int().nullable(),
  number: z.int().nullable(),
  job: z.uuid().nullable(),
  beforePolicy: z.uuid().nullable(),
  beforeVersion: z.int().nullable(),
  openedAt: momentOrNull,
  dueAt: momentOrNull,
  nextTryAt: momentOrNull,
  changedAt: moment,
});

function shownDevice({ epoch, number, beforePolicy, beforeVersion, ...row }: z.infer<typeof deviceRowSchema>): RolloutDeviceItem {
  return {
    ...row,
    target: epoch === null || number === null ? null : { epoch, number },
    before: beforePolicy === null || beforeVersion === null ? null : { id: beforePolicy, version: beforeVersion },
  };
}

/** Reads rollouts, and writes drafts. What moves them is elsewhere. */
export class RolloutsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(tenantId: string, { cursor, limit, state }: RolloutQuery): Promise<Page<Rollout>> {
    const place = decodeCursor(placeSchema, cursor);
    const where = allOf([
      sql`r.tenant_id = ${tenantId}`,
      ...(state === undefined ? [] : [sql`r.state = ${state}`]),
      ...(place ? [sql`(r.created_at, r.id) < (${place[0]}::timestamptz, ${place[1]}::uuid)`] : []),
    ]);
    const rows = await this.#rows(
      sql`select ${columns} from rollout r where ${where} order by r.created_at desc, r.id desc limit ${limit + 1}`,
    );
    return pageOf(rows, limit, { item: shown, place: (row) => [row.createdAt, row.id] });
  }

  async get(tenantId: string, id: string): Promise<Rollout | null> {
    const [row] = await this.#rows(sql`select ${columns} from rollout r where r.tenant_id = ${tenantId} and r.id = ${id}::uuid`);
    return row ? shown(row) : null;
  }

  async devices(tenantId: string, id: string, { cursor, limit, state, code, wave }: RolloutDeviceQuery): Promise<Page<RolloutDeviceItem>> {
    const [after] = decodeCursor(devicePlaceSchema, cursor) ?? [''];
    const where = allOf([
      sql`m.tenant_id = ${tenantId} and m.rollout_id = ${id}::uuid and m.device_id > ${after}`,
      ...(state === undefined ? [] : [sql`m.state = ${state}`]),
      ...(code === undefined ? [] : [sql`m.code = ${code}`]),
      ...(wave === undefined ? [] : [sql`m.wave = ${wave}`]),
    ]);
    const rows = await readRows(
      this.#database.prisma,
      deviceRowSchema,
      sql`select m.device_id as device, d.name, m.wave, m.state, m.code, case when m.code = 'rollout.precedence' then (${precedingRollouts} limit 1) end as "waitsFor", m.attempt, m.epoch, m.number, m.job_id as job, m.before_policy as "beforePolicy",
                 m.before_version as "beforeVersion", m.opened_at as "openedAt", m.due_at as "dueAt", m.next_try_at as "nextTryAt", m.changed_at as "changedAt"
            from rollout_device m join rollout r on r.tenant_id = m.tenant_id and r.id = m.rollout_id
            join device d on d.tenant_id = m.tenant_id and d.id = m.device_id where ${where} order by m.device_id limit ${limit + 1}`,
    );
    return pageOf(rows, limit, { item: shownDevice, place: (row) => [row.device] });
  }

  /** @returns false when the id is taken */
  create({ tenant: tenantId, id: actor }: Caller, id: string, draft: CreateRollout): Promise<boolean> {
    const { name, policy, order, selection, settings, priority, startAt = null, note = null } = draft;
    return this.#database.prisma.$transaction(async (tx) => {
      const made = await runSql(
        tx,
        sql`insert into rollout (tenant_id, id, name, kind, policy_id, policy_version, "order", selection, settings, priority, start_at, note, created_by, authors, drafted_under)
            select ${tenantId}, ${id}::uuid, ${name}, ${order ? 'job' : 'policy'}, ${policy?.id ?? null}::uuid, ${policy?.version ?? null}::int,
                    ${order ? JSON.stringify(order) : null}::jsonb, ${JSON.stringify(selection)}::jsonb,
                    ${JSON.stringify(settings)}::jsonb, ${priority}, ${startAt}::timestamptz, ${note}, ${actor}::uuid, array[${actor}::uuid],
                   jsonb_build_object('above', approval_above, 'risks', approval_risks)
              from tenant where id = ${tenantId} on conflict do nothing`,
      );
      if (made > 0)
        await recordAudit(tx, {
          tenantId,
          actor,
          action: 'rollout.create',
          subject: id,
          details: { name, ...(order ? { order: order.kind } : {}) },
        });
      return made > 0;
    });
  }

  #rows(query: Sql): Promise<Row[]> {
    return readRows(this.#database.prisma, rowSchema, query);
  }
}

/** What may change of a rollout whose row is locked; the members that are not given stay. @param author who changed what it does */
export async function writeDraft(
  tx: Transaction,
  { tenantId, id, authors }: LiveRollout,
  { change, author }: { change: UpdateRollout; author: string | null },
): Promise<void> {
  const { name, priority, note, policy, order, selection, settings, startAt } = change;
  const set = [
    sql`revision = revision + 1`,
    ...(name === undefined ? [] : [sql`name = ${name}`]),
    ...(priority === undefined ? [] : [sql`priority = ${priority}`]),
    ...(note === undefined ? [] : [sql`note = ${note}`]),
    ...(policy === undefined ? [] : [sql`policy_id = ${policy.id}::uuid, policy_version = ${policy.version}`]),
    ...(order === undefined ? [] : [sql`"order" = ${JSON.stringify(order)}::jsonb`]),
    ...(selection === undefined ? [] : [sql`selection = ${JSON.stringify(selection)}::jsonb`]),
    ...(settings === undefined ? [] : [sql`settings = ${JSON.stringify(settings)}::jsonb`]),
    ...(startAt === undefined ? [] : [sql`start_at = ${startAt}::timestamptz`]),
    ...(author === null || authors.includes(author) ? [] : [sql`authors = authors || ${author}::uuid`]),
  ];
  const all = set.reduce((whole, one) => sql`${whole}, ${one}`);
  await runSql(tx, sql`update rollout set ${all} where tenant_id = ${tenantId} and id = ${id}::uuid`);
}
