import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { stillForgiven, sumOf } from '../decide/counts.ts';
import type { Move, Opening } from '../decide/decision.ts';
import type { WaveView } from '../decide/view.ts';
import { type LiveRollout, runSql } from '../live-rollout.repository.ts';
import type { Given } from '../work/rollout-work.ts';

const timeOf = (column: string) => `to_timestamp(${column} / 1000)`;
/**
 * Of `rollout_device m`, those that `$3` has something of: a record of its columns for each device. Not joined to a list of them: of a rollout that
 * was just planned Postgres knows nothing yet, and would read all of it for a few, or all of the list for each.
 */
const toldDevices = (place: string) => `m.tenant_id = $1 and m.rollout_id = $2::uuid and m.device_id = any(${place}::text[])`;
const told = (columns: string) => `jsonb_to_record($3::jsonb -> m.device_id) as n (${columns})`;

const byDevice = (rows: readonly { readonly device: string }[]): string =>
  JSON.stringify(Object.fromEntries(rows.map((row) => [row.device, row])));

/** Devices go on to their next states, in one statement. */
export async function writeMoves(tx: Transaction, { tenantId, id }: LiveRollout, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  await tx.$executeRawUnsafe(
    `update rollout_device m set (state, code, watched, changed_at, held_at, due_at, next_try_at) = (
       select n."to", n.code, n.watched, now(), ${timeOf('n."heldAtMs"')}, ${timeOf('n."dueAtMs"')}, ${timeOf('n."nextTryAtMs"')}
         from ${told('"to" text, code text, watched boolean, "heldAtMs" float8, "dueAtMs" float8, "nextTryAtMs" float8')})
      where ${toldDevices('$4')}`,
    tenantId,
    id,
    byDevice(moves),
    moves.map(({ device }) => device),
  );
}

interface OpenedRow {
  readonly device: string;
  readonly state: string;
  readonly code: string | null;
  readonly attempt: number;
  readonly epoch: number | null;
  readonly number: number | null;
  readonly job: string | null;
  readonly watched: boolean;
  readonly dueAtMs: number | null;
  readonly site: string | null;
  readonly carrier: string | null;
  readonly cell: string | null;
  readonly model: string | null;
  readonly beforePolicy: string | null;
  readonly beforeVersion: number | null;
  readonly beforeEpoch: number | null;
  readonly beforeNumber: number | null;
}

function rowOf(opening: Opening, given: Given, dueAtMs: number): OpenedRow {
  const { device, attempt, fate, ahead } = opening;
  const { policy, epoch: beforeEpoch = null, number: beforeNumber = null } = given.before ?? {};
  const before = { beforePolicy: policy?.id ?? null, beforeVersion: policy?.version ?? null, beforeEpoch, beforeNumber };
  const row = { device, attempt, ...fate, ...before, epoch: null, number: null, job: null, watched: false, dueAtMs: null, code: null };
  switch (given.outcome) {
    case 'refused':
      // A hold is over some day; what the policy cannot give, it never can.
      return { ...row, state: given.code === 'site.on-hold' ? 'waiting' : 'skipped', code: given.code };
    case 'already':
      return { ...row, state: 'succeeded', code: 'target.unchanged', epoch: given.epoch, number: given.number };
    case 'given': {
      const { epoch, number, jobId } = given;
      const there = { ...row, epoch, number, job: jobId, watched: true };
      return ahead ? { ...there, state: 'waiting', code: 'device.offline' } : { ...there, state: 'opened', dueAtMs };
    }
  }
}

/** What devices had before is their way back. Never what this rollout gave itself, at an earlier try. */
const newBefore = `n."beforeEpoch" is not null and (n."beforeEpoch", n."beforeNumber") is distinct from (m.epoch, m.number)`;

const openedColumns = `state text, code text, attempt int, epoch int, number int, job uuid, watched boolean, "dueAtMs" float8, site uuid, carrier text,
  cell text, model text, "beforePolicy" uuid, "beforeVersion" int, "beforeEpoch" int, "beforeNumber" int`;

/** What became of the openings. */
export async function writeOpenings(
  tx: Transaction,
  rollout: LiveRollout,
  opened: { openings: readonly Opening[]; given: readonly Given[] },
): Promise<void> {
  const { tenantId, id, nowMs, settings } = rollout;
  const dueAtMs = nowMs + settings.timeouts.reachS * 1000;
  const results = new Map(opened.given.map((one) => [one.device, one]));
  const rows = opened.openings.flatMap((opening) => {
    const given = results.get(opening.device);
    return given ? [rowOf(opening, given, dueAtMs)] : [];
  });
  await tx.$executeRawUnsafe(
    `update rollout_device m set (held_at, next_try_at, changed_at, state, code, attempt, watched, due_at, site_id, carrier, cell, model,
                                  epoch, number, job_id, opened_at, before_policy, before_version) = (
       select null::timestamptz, null::timestamptz, now(), n.state, n.code, n.attempt, n.watched, ${timeOf('n."dueAtMs"')}, n.site, n.carrier, n.cell, n.model,
              coalesce(n.epoch, m.epoch), coalesce(n.number, m.number), coalesce(n.job, m.job_id),
              case when n.watched then to_timestamp($4::float8 / 1000) else m.opened_at end,
              case when ${newBefore} then n."beforePolicy" else m.before_policy end,
              case when ${newBefore} then n."beforeVersion" else m.before_version end
         from ${told(openedColumns)})
      where ${toldDevices('$5')}`,
    tenantId,
    id,
    byDevice(rows),
    nowMs,
    rows.map(({ device }) => device),
  );
}

/** @param waves as they are once devices have moved */
export async function writeForgiven(tx: Transaction, rollout: LiveRollout, waves: readonly WaveView[]): Promise<void> {
  const { tenantId, id, forgivenBad, forgivenJudged } = rollout;
  for (const { number, forgiven, counts } of waves) {
    const { bad } = stillForgiven(forgiven, counts);
    if (bad === forgiven.bad) continue;
    await runSql(
      tx,
      sql`update rollout_wave set forgiven_bad = ${bad} where tenant_id = ${tenantId} and rollout_id = ${id}::uuid and number = ${number}`,
    );
  }
  const { bad } = stillForgiven({ bad: forgivenBad, judged: forgivenJudged }, sumOf(waves));
  if (bad === forgivenBad) return;
  await runSql(tx, sql`update rollout set forgiven_bad = ${bad} where tenant_id = ${tenantId} and id = ${id}::uuid`);
}

/** Devices that are tried again are judged anew, whatever was forgiven them. */
export async function forgetForgiven(tx: Transaction, { tenantId, id }: LiveRollout, openings: readonly Opening[]): Promise<void> {
  const waves = openings.flatMap(({ wave, forgiven }) => (forgiven ? [wave] : []));
  if (waves.length === 0) return;
  const fewer = (devices: Sql) =>
    sql`forgiven_bad = greatest(0, forgiven_bad - ${devices}), forgiven_judged = greatest(0, forgiven_judged - ${devices})`;
  await runSql(
    tx,
    sql`update rollout_wave w set ${fewer(sql`n.devices`)}
          from (select wave, count(*)::int as devices from unnest(${waves}::int[]) as wave group by wave) n
         where w.tenant_id = ${tenantId} and w.rollout_id = ${id}::uuid and w.number = n.wave`,
  );
  await runSql(tx, sql`update rollout set ${fewer(sql`${waves.length}::int`)} where tenant_id = ${tenantId} and id = ${id}::uuid`);
}

const clearedAtOnce = 5000;

/** Devices that an ended rollout leaves as they are, so many of each state at once. @returns how many */
export async function clearRest(tx: Transaction, { tenantId, id }: LiveRollout, code: string): Promise<number> {
  // Each state by its own index: of both together the whole rollout would be read, piece after piece.
  const some = (state: 'pending' | 'waiting') => sql`(
    select tenant_id, rollout_id, device_id from rollout_device where tenant_id = ${tenantId} and rollout_id = ${id}::uuid
       and state = ${state} and not watched limit ${clearedAtOnce})`;
  const left = await runSql(
    tx,
    sql`update rollout_device set state = 'cancelled', code = ${code}, watched = false, changed_at = now()
         where (tenant_id, rollout_id, device_id) in (${some('pending')} union all ${some('waiting')})`,
  );
  const tries = await runSql(
    tx,
    sql`update rollout_device set next_try_at = null where tenant_id = ${tenantId} and rollout_id = ${id}::uuid and next_try_at is not null`,
  );
  return left + tries;
}

/** Who owes an answer owes it later by as long as nobody could hear it. */
export async function prolongDues(tx: Transaction, { tenantId, id }: LiveRollout, byMs: number): Promise<void> {
  await runSql(
    tx,
    sql`update rollout_device set due_at = due_at + ${byMs}::float8 * interval '1 millisecond'
         where tenant_id = ${tenantId} and rollout_id = ${id}::uuid and watched and due_at is not null`,
  );
}

export interface RolloutChange {
  readonly obstacle: string | null;
  readonly credit: number | null;
  readonly creditAtMs: number | null;
  readonly pendingAfter: number;
  readonly waitingAfter: string | null;
  readonly heardAtMs: number | null;
  readonly restoreKnown: boolean;
  readonly settled: boolean;
}

/** What a step leaves for the next one. */
export async function writeRollout(tx: Transaction, { tenantId, id }: LiveRollout, change: RolloutChange): Promise<void> {
  const { obstacle, credit, creditAtMs, pendingAfter, waitingAfter, heardAtMs, restoreKnown, settled } = change;
  await runSql(
    tx,
    sql`update rollout set obstacle = ${obstacle}, credit = ${credit}::float8, credit_at = to_timestamp(${creditAtMs}::float8 / 1000), pending_after = ${pendingAfter},
               waiting_after = ${waitingAfter}, heard_at = to_timestamp(${heardAtMs}::float8 / 1000),
               restore_known = ${restoreKnown}, settled_at = case when ${settled} then now() end
         where tenant_id = ${tenantId} and id = ${id}::uuid`,
  );
}
