import type { Random } from '@towline/kit';
import type { Drift } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import { compiled } from '../platform/compiled.ts';
import { type Database, inTransaction, type Transaction } from '../platform/database.ts';
import { readPolicySettings } from '../policies/stored-rules.ts';
import { readHeldSites } from '../sites/site-holds.repository.ts';
import { comparedModemSchema, driftOf } from '../targets/drift.ts';
import { readSealedTarget } from '../targets/sealed-target.ts';
import { lockTargets, readDatabaseEpoch, writeTargets } from '../targets/targets.repository.ts';
import { type DriftMemory, rememberDrift } from './decide-mend.ts';

/** Devices looked at in one transaction, and mended in one turn: a wave of mending is no rollout. */
const lookedAt = 200;
const mendedAt = 20;

const time = z.date().nullable();
const rowSchema = z.object({
  tenant: z.string(),
  device: z.string(),
  key: z.string(),
  since: time,
  clearedAt: time,
  targetNumber: z.int().nullable(),
  mends: z.int(),
  mendAt: time,
  now: z.date(),
  /** As the device last reported them; null before it did, or where they are of a shape that is no longer known. */
  modems: z.array(comparedModemSchema).nullable().catch(null),
  number: z.int().nullable(),
  status: z.string().nullable(),
  document: z.unknown(),
  /** Of the policy version that gave the target. */
  settings: z.unknown(),
});
type Row = z.infer<typeof rowSchema>;
const rowsSchema = compiled(z.array(rowSchema));

const lookSql = `
  with found as (
    select tenant_id, device_id from device_drift where dirty order by tenant_id, device_id limit ${lookedAt} for update skip locked)
  select r.tenant_id as tenant, r.device_id as device, r.key, r.since, r.cleared_at as "clearedAt", r.target_number as "targetNumber", r.mends,
         r.mend_at as "mendAt", now() as now, d.reported -> 'modems' as modems, t.number, t.status, t.document, v.document -> 'settings' as settings
    from found join device_drift r using (tenant_id, device_id)
    join device d on d.tenant_id = r.tenant_id and d.id = r.device_id
    left join target t on t.tenant_id = r.tenant_id and t.device_id = r.device_id
    left join apn_policy_version v on v.tenant_id = t.tenant_id and v.policy_id = t.policy_id and v.version = t.policy_version`;

/** Whose key is another than the one that was read said something else before its row was locked: it stays to be looked at. */
const rememberSql = `
  update device_drift r set dirty = false, fields = s.fields, since = s.since, cleared_at = s."clearedAt", target_number = s."targetNumber",
         mends = s.mends, mend_at = s."mendAt"
    from jsonb_to_recordset($1::jsonb) as s (tenant text, device text, key text, fields text[], since timestamptz,
         "clearedAt" timestamptz, "targetNumber" int, mends int, "mendAt" timestamptz)
   where r.tenant_id = s.tenant and r.device_id = s.device and r.key = s.key`;

const claimSql = `
  update device_drift set mends = mends + 1, mend_at = null where (tenant_id, device_id) in (
    select r.tenant_id, r.device_id from device_drift r join device d on d.tenant_id = r.tenant_id and d.id = r.device_id
     where r.mend_at <= now() and d.online and r.since is not null
     order by r.mend_at limit ${mendedAt} for update of r skip locked)
  returning tenant_id as tenant, device_id as device`;
const claimedSchema = z.array(z.object({ tenant: z.string(), device: z.string() }));

/** What a device has settled on; while it is on its way to its target nothing of it is drift. */
const settled = ['applied', 'failed', 'reverted'];
/** A link that is merely down, or a modem that just restarts, says nothing else than the target: it says nothing. */
const fieldsIn = (drift: readonly Drift[]) =>
  [...new Set(drift.filter(({ reported }) => reported !== null).map(({ field }) => field))].sort();

function fieldsOf({ modems, document, status }: Row): string[] {
  if (modems === null || document === null || status === null || !settled.includes(status)) return [];
  return fieldsIn(driftOf(readSealedTarget(document).rules, modems));
}

const msOf = (moment: Date | null) => moment && moment.getTime();
const isoOf = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

function remembered(row: Row, random: Random) {
  const { tenant, device, key, number, status, settings } = row;
  const past: DriftMemory = {
    sinceMs: msOf(row.since),
    clearedAtMs: msOf(row.clearedAt),
    targetNumber: row.targetNumber,
    mends: row.mends,
    mendAtMs: msOf(row.mendAt),
  };
  const fields = fieldsOf(row);
  // What was given up for a reason would only be given up again: that is for a person, or the next rollout.
  const mayMend = fields.length > 0 && status !== 'reverted' && readPolicySettings(settings).drift === 'mend';
  const next = rememberDrift(past, { fields, targetNumber: number, mayMend, nowMs: row.now.getTime() }, random);
  const { sinceMs, clearedAtMs, targetNumber, mends, mendAtMs } = next;
  return {
    tenant,
    device,
    key,
    fields,
    since: isoOf(sinceMs),
    clearedAt: isoOf(clearedAtMs),
    targetNumber,
    mends,
    mendAt: isoOf(mendAtMs),
  };
}

/** Finds drift and mends it, a bounded piece at a time. Any number may call at once. */
export class DriftRepository {
  readonly #database: Database;
  readonly #random: Random;

  constructor(database: Database, random: Random) {
    this.#database = database;
    this.#random = random;
  }

  /** Looks at devices that reported something new. @returns how many */
  look(): Promise<number> {
    return inTransaction(this.#database.pool, async (client) => {
      const rows = rowsSchema.parse((await client.query(lookSql)).rows);
      if (rows.length === 0) return 0;
      const next = rows.map((row) => remembered(row, this.#random));
      await client.query(rememberSql, [JSON.stringify(next)]);
      return rows.length;
    });
  }

  /**
   * Gives devices that drifted the target that they have anew, under its next number: the agent forgets what it gave up on and tries again, as a
   * change with its way back. Counted before it is done, so that a crash between mends too little, never too often. @returns how many were due
   */
  async mend(): Promise<number> {
    const claimed = claimedSchema.parse(await this.#database.prisma.$queryRawUnsafe(claimSql));
    for (const { tenant, device } of claimed) await this.#database.prisma.$transaction((tx) => giveAnew(tx, tenant, device));
    return claimed.length;
  }
}

/** Nothing while somebody is at work at the site, or a rollout is at this device. */
async function giveAnew(tx: Transaction, tenantId: string, deviceId: string): Promise<void> {
  await lockTargets(tx, tenantId);
  const target = await tx.target.findUnique({
    where: { tenantId_deviceId: { tenantId, deviceId } },
    include: { device: { select: { siteId: true } } },
  });
  // What it holds instead is a person's to look at.
  if (!target || target.status === 'overtaken') return;
  const { siteId } = target.device;
  if (siteId !== null && (await readHeldSites(tx, tenantId)).has(siteId)) return;
  const inRollout = { tenantId, deviceId, state: { in: ['opened', 'changing'] } };
  if ((await tx.rolloutDevice.count({ where: inRollout })) > 0) return;
  const [epoch, number] = [Math.max(target.epoch, await readDatabaseEpoch(tx)), target.number + 1];
  const policy = { id: target.policyId, version: target.policyVersion };
  const document = readSealedTarget(target.document);
  await writeTargets(tx, {
    tenantId,
    by: target.assignedBy,
    policy,
    at: target.assignedAt,
    rollout: target.rolloutId,
    targets: [{ deviceId, epoch, number, digest: target.digest, document }],
  });
  // It is still what the rollout gave: its way back must not leave the device out as changed since.
  await tx.rolloutDevice.updateMany({ where: { tenantId, deviceId, epoch: target.epoch, number: target.number }, data: { epoch, number } });
  await tx.$executeRaw`update device_drift set target_number = ${number} where tenant_id = ${tenantId} and device_id = ${deviceId}`;
  await recordAudit(tx, { tenantId, actor: 'system', action: 'target.mend', subject: deviceId, details: { policy: policy.id, number } });
}
