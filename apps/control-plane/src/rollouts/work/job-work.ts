import { type JobOrder, jobOrderSchema } from '@towline/protocol';
import { rolloutDeviceStateSchema } from '@towline/protocol/http';
import * as z from 'zod';
import { maxOpenJobs } from '../../jobs/jobs.repository.ts';
import { enqueueDown } from '../../outbox/outbox.repository.ts';
import { announceChanges } from '../../platform/change-feed.ts';
import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { siteOnHold } from '../../sites/on-hold.ts';
import { keepHoldsStill } from '../../sites/site-holds.repository.ts';
import type { Opening } from '../decide/decision.ts';
import type { Answer } from '../decide/view.ts';
import { type LiveRollout, msOf, readManyRows, readRows, runSql } from '../live-rollout.repository.ts';
import { type OrderTry, orderJobId } from './order-job-id.ts';
import type { AnswerQuery, Given, RolloutWork } from './rollout-work.ts';

const orderedSchema = z.object({
  device: z.string(),
  onHold: z.boolean(),
  openJobs: z.int(),
  /** The job of an earlier try that is on its way to the device, or was done. */
  standing: z.uuid().nullable(),
  /** The job of an earlier try that the device took, and whose end it did not say. */
  taken: z.uuid().nullable(),
  /** The job of an earlier try that ran out before the device said that it took it. */
  unheard: z.uuid().nullable(),
});
type Ordered = z.infer<typeof orderedSchema>;

interface OrderedJob {
  readonly device: string;
  readonly id: string;
  /** It was given before: should the device have taken it after all, it says so instead of doing it twice. */
  readonly isAgain: boolean;
}

const withheldSchema = z.object({ device: z.string() });

const answerSchema = z.object({
  device: z.string(),
  wave: z.int(),
  state: rolloutDeviceStateSchema,
  attempt: z.int(),
  heldAtMs: z.number().nullable(),
  dueAtMs: z.number().nullable(),
  pausedAtMs: z.null(),
  superseded: z.boolean(),
  restored: z.literal(false),
  remembered: z.boolean(),
  outcome: z.enum(['succeeded', 'failed']).nullable(),
  fault: z.string().nullable(),
});

/** The device said nothing of it: what a device itself lets run out, it reports as any other end. */
const isUnsaid = sql`(j.state in ('queued', 'expired') and j.progress < 100)`;
/** Called off before the device said anything: it is not given again. */
const isCalledOff = sql`(${isUnsaid} and j.cancel_requested)`;
const isUnheard = sql`(${isUnsaid} and not j.cancel_requested)`;
/** What we took for failed because the device said nothing more (progress 100 is its own word) it may have done all the same. */
const isUnended = sql`(j.state in ('accepted', 'running') or (j.state = 'failed' and j.progress < 100))`;
const isTaken = sql`(not ${isUnsaid} and (j.state <> 'cancelled' or m.state <> 'opened'))`;
const outcomeColumn = sql`case when j.state = 'succeeded' then 'succeeded' when j.state in ('failed', 'rejected', 'cancelled') or ${isCalledOff} then 'failed'
  when j.state = 'expired' and not ${isUnsaid} then 'failed' end`;

/** Gives devices one order each, and looks what became of it. */
export class JobWork implements RolloutWork {
  async give(tx: Transaction, rollout: LiveRollout, openings: readonly Opening[]): Promise<Given[]> {
    const { tenantId, id } = rollout;
    await keepHoldsStill(tx, tenantId);
    const ids = openings.map(({ device }) => device);
    const devices = await readRows(
      tx,
      orderedSchema,
      sql`select d.id as device, ${siteOnHold} as "onHold",
                 (select count(*)::int from job o where o.tenant_id = d.tenant_id and o.device_id = d.id and o.state in ('queued', 'accepted', 'running')) as "openJobs",
                 case when j.state = 'succeeded' or (j.state = 'queued' and j.expires_at > now() and not j.cancel_requested) then j.id end as standing,
                 case when ${isUnended} then j.id end as taken,
                 case when ${isUnheard} then j.id end as unheard
            from device d join rollout_device m on m.tenant_id = d.tenant_id and m.device_id = d.id and m.rollout_id = ${id}::uuid
            left join job j on j.tenant_id = m.tenant_id and j.id = m.job_id
           where d.tenant_id = ${tenantId} and d.id = any(${ids}::text[]) order by d.id`,
    );
    const attempts = new Map(openings.map(({ device, attempt }) => [device, attempt]));
    const given = devices.map((device) =>
      decideGiven(device, { rollout: id, device: device.device, attempt: attempts.get(device.device) ?? 1 }),
    );
    const standing = new Set(devices.map((device) => device.standing));
    const before = new Set(devices.flatMap(({ taken, unheard }) => [taken, unheard]));
    const ordered = given.flatMap((one) =>
      one.outcome === 'given' && one.jobId !== null && !standing.has(one.jobId)
        ? [{ device: one.device, id: one.jobId, isAgain: before.has(one.jobId) }]
        : [],
    );
    await this.#order(tx, rollout, ordered);
    const known = new Set(given.map(({ device }) => device));
    return [
      ...given,
      ...ids.filter((device) => !known.has(device)).map((device): Given => ({ device, outcome: 'refused', code: 'device.not-found' })),
    ];
  }

  answers(tx: Transaction, { rollout, nowMs, limit }: AnswerQuery): Promise<Answer[]> {
    return readManyRows(
      tx,
      answerSchema,
      sql`select m.device_id as device, m.wave, m.state, m.attempt, ${msOf(sql`case when ${isTaken} then j.updated_at end`)} as "heldAtMs", ${msOf(sql`m.due_at`)} as "dueAtMs",
                 null as "pausedAtMs", j.id is null as superseded, false as restored,
                 coalesce(j.remembered and not ${rollout.restoreKnown}, false) as remembered, ${outcomeColumn} as outcome,
                 coalesce(j.fault #>> '{code}', case when ${isCalledOff} then 'job.cancelled' when ${outcomeColumn} = 'failed' then 'job.' || j.state end) as fault
            from rollout_device m left join job j on j.tenant_id = m.tenant_id and j.id = m.job_id
           where m.tenant_id = ${rollout.tenantId} and m.rollout_id = ${rollout.id}::uuid and m.watched
             and (${outcomeColumn} <> m.state or (m.state in ('opened', 'waiting') and ${isTaken})
                  or (m.state in ('opened', 'changing') and (j.id is null or m.due_at <= to_timestamp(${nowMs}::float8 / 1000))))
           order by m.device_id limit ${limit}`,
    );
  }

  /** A job that no device took has run out: who comes back later gets it again, when there is room for it. */
  async withhold(tx: Transaction, { tenantId, id }: LiveRollout, devices: readonly string[]): Promise<string[]> {
    const withheld = await readRows(
      tx,
      withheldSchema,
      sql`update job j set expires_at = least(j.expires_at, now()), updated_at = now() from rollout_device m
           where m.tenant_id = ${tenantId} and m.rollout_id = ${id}::uuid and m.device_id = any(${devices}::text[])
             and j.tenant_id = m.tenant_id and j.id = m.job_id and ${isUnheard}
          returning j.device_id as device`,
    );
    return withheld.map(({ device }) => device);
  }

  async #order(tx: Transaction, rollout: LiveRollout, jobs: readonly OrderedJob[]): Promise<void> {
    const { tenantId, nowMs, createdBy, approvedBy, settings } = rollout;
    if (jobs.length === 0) return;
    const order: JobOrder = jobOrderSchema.parse(rollout.order);
    const now = new Date(nowMs);
    // Taken or not by then: the engine waits no longer for a device to take it either.
    const expiresAt = new Date(nowMs + settings.timeouts.reachS * 1000);
    const shared = { tenantId, order, createdBy: approvedBy ?? createdBy, createdAt: now, updatedAt: now, expiresAt };
    const fresh = jobs.filter(({ isAgain }) => !isAgain);
    // One that was called off before its device came back is there, and stays as it is.
    await tx.job.createMany({ data: fresh.map(({ device, id }) => ({ ...shared, id, deviceId: device })), skipDuplicates: true });
    const again = jobs.flatMap(({ id, isAgain }) => (isAgain ? [id] : []));
    // Who took it, in this very moment or long ago, keeps it, and is only asked what became of it.
    await runSql(
      tx,
      sql`update job j set state = (case when ${isUnended} then case j.state when 'running' then 'running' else 'accepted' end else 'queued' end)::job_state,
                 fault = null, expires_at = ${expiresAt.toISOString()}::timestamptz, updated_at = ${now.toISOString()}::timestamptz
           where j.tenant_id = ${tenantId} and j.id = any(${again}::uuid[]) and (${isUnended} or ${isUnheard})`,
    );
    await enqueueDown(
      tx,
      jobs.map(({ device, id }) => ({ tenantId, deviceId: device, channel: 'job', subject: id })),
    );
    await announceChanges(
      tx,
      jobs.map(({ device, id }) => ({ tenant: tenantId, kind: 'job', id, device })),
    );
  }
}

function decideGiven({ device, onHold, openJobs, standing, taken, unheard }: Ordered, its: OrderTry): Given {
  if (onHold) return { device, outcome: 'refused', code: 'site.on-hold' };
  const known = standing ?? taken;
  if (known === null && openJobs >= maxOpenJobs) return { device, outcome: 'refused', code: 'job.too-many' };
  return { device, outcome: 'given', epoch: null, number: null, jobId: known ?? unheard ?? orderJobId(its) };
}
