import { Fault } from '@towline/kit';
import { longestPauseS } from '@towline/protocol';
import { rolloutDeviceStateSchema, type VersionRef } from '@towline/protocol/http';
import * as z from 'zod';
import { compiled } from '../../platform/compiled.ts';
import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { OpenPolicy, TargetComposer } from '../../targets/target-composer.ts';
import { readDatabaseEpoch, readTargetedDevices, type TargetedDevice, writeTargets } from '../../targets/targets.repository.ts';
import type { Opening } from '../decide/decision.ts';
import { leastShiftMs } from '../decide/judge-answer.ts';
import type { Answer } from '../decide/view.ts';
import { type LiveRollout, msOf, readManyRows, readRows } from '../live-rollout.repository.ts';
import type { AnswerQuery, Given, RolloutWork, TargetBefore } from './rollout-work.ts';

const withheldSchema = z.object({ device: z.string() });
const destinationSchema = z.object({ device: z.string(), id: z.uuid(), version: z.int() });

const answerSchema = compiled(
  z.object({
    device: z.string(),
    wave: z.int(),
    state: rolloutDeviceStateSchema,
    attempt: z.int(),
    heldAtMs: z.number().nullable(),
    dueAtMs: z.number().nullable(),
    pausedAtMs: z.number().nullable(),
    superseded: z.boolean(),
    restored: z.boolean(),
    remembered: z.literal(false),
    outcome: z.enum(['succeeded', 'failed', 'reverted']).nullable(),
    fault: z.string().nullable(),
  }),
);

/** Applied counts once it is confirmed too, where the device asked for a confirm over the changed bearer. */
const outcomeColumn = sql`case t.status when 'applied' then case when t.change is null or t.confirmed_at is not null then 'succeeded' end
  when 'failed' then 'failed' when 'reverted' then 'reverted' end`;

/** When it spoke last, of a device that waits for its next try; nobody else is looked up. */
const pausedAt = sql`case when m.state = 'changing' and t.status_detail -> 'pause' is not null then
  (select d.reported_at from device d where d.tenant_id = m.tenant_id and d.id = m.device_id) end`;

const keyOf = ({ id, version }: VersionRef): string => `${id}@${version}`;
const nowhere: VersionRef = { id: '', version: 0 };
const distinct = (refs: readonly VersionRef[]): VersionRef[] => [...new Map(refs.map((ref) => [keyOf(ref), ref])).values()];
const maxOpenPolicies = 20;

/** What was in vain, or was kept from the device, is nothing to go back to: that is what it came to before. */
function wayBackFrom(target: TargetedDevice['target']): TargetBefore | null {
  if (!target) return null;
  const { policy, cameTo, status, reachedAt, withheld, epoch, number } = target;
  const isInVain = withheld || status === 'reverted' || (status === 'failed' && reachedAt === null);
  return { policy: isInVain ? cameTo : policy, epoch, number };
}

/** Moves devices to a policy version: each gets its target, composed as by an assignment. */
export class PolicyWork implements RolloutWork {
  readonly #composer: TargetComposer;
  /** Versions never change, so what was opened once stays right. */
  readonly #open = new Map<string, OpenPolicy>();

  constructor(composer: TargetComposer) {
    this.#composer = composer;
  }

  async give(tx: Transaction, rollout: LiveRollout, openings: readonly Opening[]): Promise<Given[]> {
    const { tenantId } = rollout;
    const databaseEpoch = await readDatabaseEpoch(tx);
    const ids = openings.map(({ device }) => device);
    const devices = await readTargetedDevices(tx, tenantId, ids);
    const bound = new Map((await this.#destinations(tx, rollout, ids)).map((to) => [to.device, { id: to.id, version: to.version }]));
    const given: Given[] = [];
    for (const policy of distinct([...bound.values()])) {
      const own = devices.filter(({ id }) => keyOf(bound.get(id) ?? nowhere) === keyOf(policy));
      given.push(...(await this.#giveVersion(tx, { rollout, policy, databaseEpoch, devices: own })));
    }
    const answered = new Set(given.map(({ device }) => device));
    const gone = ids.filter((device) => !answered.has(device));
    return [...given, ...gone.map((device): Given => ({ device, outcome: 'refused', code: 'device.not-found' }))];
  }

  async answers(tx: Transaction, { rollout, databaseEpoch, nowMs, limit }: AnswerQuery): Promise<Answer[]> {
    const patienceS = longestPauseS + rollout.settings.timeouts.answerS - leastShiftMs / 1000;
    const other = sql`((t.epoch, t.number) is distinct from (m.epoch, m.number))`;
    const restored = sql`coalesce(m.epoch < ${databaseEpoch} or t.status = 'overtaken', false)`;
    return readManyRows(
      tx,
      answerSchema,
      sql`select m.device_id as device, m.wave, m.state, m.attempt, ${msOf(sql`t.held_at`)} as "heldAtMs", ${msOf(sql`m.due_at`)} as "dueAtMs",
                 ${msOf(pausedAt)} as "pausedAtMs", ${other} as superseded, ${restored} as restored, false as remembered, ${outcomeColumn} as outcome, t.status_detail #>> '{fault,code}' as fault
            from rollout_device m left join target t on t.tenant_id = m.tenant_id and t.device_id = m.device_id
           where m.tenant_id = ${rollout.tenantId} and m.rollout_id = ${rollout.id}::uuid and m.watched
             and (${other} or ${restored} or ${outcomeColumn} <> m.state
                  or (m.state in ('opened', 'waiting') and t.held_at is not null)
                  or m.due_at < ${pausedAt} + ${patienceS}::float8 * interval '1 second'
                  or (m.state in ('opened', 'changing') and m.due_at <= to_timestamp(${nowMs}::float8 / 1000)))
           order by m.device_id limit ${limit}`,
    );
  }

  async withhold(tx: Transaction, { tenantId, id }: LiveRollout, devices: readonly string[]): Promise<string[]> {
    const withheld = await readRows(
      tx,
      withheldSchema,
      sql`update target t set withheld = true from rollout_device m
           where m.tenant_id = ${tenantId} and m.rollout_id = ${id}::uuid and m.device_id = any(${devices}::text[])
             and t.tenant_id = m.tenant_id and t.device_id = m.device_id and t.epoch = m.epoch and t.number = m.number and t.held_at is null
          returning t.device_id as device`,
    );
    return withheld.map(({ device }) => device);
  }

  async #giveVersion(
    tx: Transaction,
    to: { rollout: LiveRollout; policy: VersionRef; databaseEpoch: number; devices: readonly TargetedDevice[] },
  ): Promise<Given[]> {
    const { rollout, policy, databaseEpoch, devices } = to;
    const { tenantId, id, createdBy, approvedBy, nowMs } = rollout;
    const open = await this.#openPolicy(tenantId, policy);
    const decided = devices.map((device) => ({
      device: device.id,
      before: wayBackFrom(device.target),
      decision: this.#decide(device, open, databaseEpoch),
    }));
    const targets = decided.flatMap(({ device, decision }) => this.#composer.newTarget(device, decision));
    const by = approvedBy ?? createdBy;
    if (targets.length > 0) await writeTargets(tx, { tenantId, by, policy, at: new Date(nowMs), rollout: id, targets });
    return decided.map(({ device, before, decision }): Given => {
      if (decision.outcome === 'refused') return { device, before, outcome: 'refused', code: decision.code };
      const { epoch, number } = decision;
      return decision.outcome === 'assigned'
        ? { device, before, outcome: 'given', epoch, number, jobId: null }
        : { device, before, outcome: 'already', epoch, number };
    });
  }

  /** What a device has already but did not come to is told anew: only then it tries once more. */
  #decide(device: TargetedDevice, open: OpenPolicy, databaseEpoch: number) {
    const decision = this.#composer.decide(device, open, databaseEpoch);
    return decision.outcome === 'unchanged' && device.target?.status !== 'applied'
      ? this.#composer.decideAgain(device, open, databaseEpoch)
      : decision;
  }

  async #destinations(tx: Transaction, { tenantId, id, policyId, policyVersion }: LiveRollout, devices: readonly string[]) {
    if (policyId !== null && policyVersion !== null) return devices.map((device) => ({ device, id: policyId, version: policyVersion }));
    return readRows(
      tx,
      destinationSchema,
      sql`select device_id as device, policy_id as id, policy_version as version from rollout_device
           where tenant_id = ${tenantId} and rollout_id = ${id}::uuid and device_id = any(${devices}::text[]) and policy_id is not null
           order by policy_id, policy_version, device_id`,
    );
  }

  async #openPolicy(tenantId: string, ref: VersionRef): Promise<OpenPolicy> {
    const key = `${tenantId}/${keyOf(ref)}`;
    const known = this.#open.get(key);
    if (known) return known;
    const open = await this.#composer.open(tenantId, ref);
    if (!open) throw new Fault('rollout.policy-gone', `policy ${keyOf(ref)} is not there`);
    if (this.#open.size >= maxOpenPolicies) this.#open.clear();
    this.#open.set(key, open);
    return open;
  }
}
