import { type TargetVersion, targetVersionSchema } from '@towline/protocol';
import type { RolloutApproval, VersionRef } from '@towline/protocol/http';
import * as z from 'zod';
import type { Caller } from '../operators/authorise.ts';
import { enqueueDown } from '../outbox/outbox.repository.ts';
import { announceChanges } from '../platform/change-feed.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { sql } from '../platform/sql.ts';
import { loadPolicyVersion, type StoredPolicyVersion } from '../policies/policies.repository.ts';
import { loadProfileDocuments } from '../profiles/profiles.repository.ts';
import { readApprovalBounds } from '../rollouts/approval/approval.repository.ts';
import type { Reach } from '../rollouts/approval/approval-causes.ts';
import { type AssignedDevice, noteAssigned, readDoneAlone } from '../rollouts/approval/done-alone.repository.ts';
import { runSql } from '../rollouts/live-rollout.repository.ts';
import { readFilterGroups, unionOf } from '../sites/filter-groups.repository.ts';
import { readHeldSites } from '../sites/site-holds.repository.ts';
import { readVariables } from '../variables/variables.repository.ts';
import type { CompositionSubject } from './compose.ts';
import type { SealedTarget } from './sealed-target.ts';

/** A device as an assignment or an explanation sees it. */
export interface TargetedDevice extends CompositionSubject {
  /** Somebody is at work at its site. */
  readonly onHold: boolean;
  readonly target: {
    readonly epoch: number;
    readonly number: number;
    readonly digest: string;
    /** Sealed. */
    readonly document: unknown;
    readonly policy: VersionRef;
    /** As the device reported for it. */
    readonly status: string | null;
    readonly reachedAt: Date | null;
    /** Kept from the device for now: it has not had it. */
    readonly withheld: boolean;
    /** Of the targets before this one the last that it came to; null: none. */
    readonly cameTo: VersionRef | null;
    /** What the device holds instead, of before this database was restored. */
    readonly overtakenBy: TargetVersion | null;
  } | null;
}

export interface NewTarget {
  readonly deviceId: string;
  readonly epoch: number;
  readonly number: number;
  readonly digest: string;
  readonly document: SealedTarget;
}

export interface AssignmentWrite {
  readonly caller: Caller;
  readonly policy: VersionRef;
  readonly note: string | undefined;
  readonly at: Date;
  readonly targets: readonly NewTarget[];
}

/** What one transaction of an assignment may do. */
export interface AssignmentTransaction {
  /** Their order is the ids'; devices of other tenants are missing. */
  devices(ids: readonly string[]): Promise<TargetedDevice[]>;
  databaseEpoch(): Promise<number>;
  write(write: AssignmentWrite): Promise<void>;
}

const overtakenSchema = z.object({ overtakenBy: targetVersionSchema });

const assembly = {
  id: true,
  siteId: true,
  tags: true,
  groups: { select: { group: { select: { id: true, rank: true } } } },
  target: {
    select: {
      epoch: true,
      number: true,
      digest: true,
      document: true,
      policyId: true,
      policyVersion: true,
      status: true,
      statusDetail: true,
      reachedAt: true,
      withheld: true,
      cameToPolicy: true,
      cameToVersion: true,
    },
  },
} as const;

const refOf = (id: string | null, version: number | null): VersionRef | null => (id === null || version === null ? null : { id, version });

/** Their order is the ids'; devices of other tenants are missing. */
export async function readTargetedDevices(tx: Transaction, tenantId: string, ids: readonly string[]): Promise<TargetedDevice[]> {
  const heldSites = await readHeldSites(tx, tenantId);
  const filterGroups = await readFilterGroups(tx, tenantId, ids);
  const rows = await tx.device.findMany({ where: { tenantId, id: { in: [...ids] } }, select: assembly, orderBy: { id: 'asc' } });
  const subjects = rows.map(({ groups, ...device }) => {
    const added = groups.map(({ group }) => group);
    return { ...device, groups: unionOf(added, filterGroups.get(device.id) ?? []) };
  });
  const variablesOf = await readVariables(tx, tenantId, subjects);
  return subjects.map(({ target, ...device }) => ({
    ...device,
    onHold: device.siteId !== null && heldSites.has(device.siteId),
    variables: variablesOf(device),
    target: target && {
      ...target,
      policy: { id: target.policyId, version: target.policyVersion },
      cameTo: refOf(target.cameToPolicy, target.cameToVersion),
      overtakenBy: overtakenSchema.safeParse(target.statusDetail).data?.overtakenBy ?? null,
    },
  }));
}

/** One writer at a time and tenant, until its transaction ends, so that two of them cannot give out one number twice. */
export async function lockTargets(tx: Transaction, tenantId: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`assignment/${tenantId}`}, 0))`;
}

export const readDatabaseEpoch = async (tx: Transaction): Promise<number> => (await tx.installation.findFirstOrThrow()).databaseEpoch;

/** By whom targets are given: for a rollout the audit log tells of its waves, not of each device. */
export interface TargetsGiven {
  readonly tenantId: string;
  readonly by: string;
  readonly policy: VersionRef;
  readonly at: Date;
  readonly rollout: string | null;
  readonly targets: readonly NewTarget[];
}

/** Who went back from it, by order or because another SIM did not work with it, gave it up. */
const wasKept = sql`(t.reached_at is not null and t.status is distinct from 'reverted')`;

/** The only statement that writes targets. Devices are told of them when the caller's transaction commits. */
export async function writeTargets(tx: Transaction, { tenantId, by, policy, at, rollout, targets }: TargetsGiven): Promise<void> {
  await runSql(
    tx,
    sql`
    insert into target as t (tenant_id, device_id, epoch, number, digest, document, policy_id, policy_version, assigned_at, assigned_by, rollout_id)
    select ${tenantId}, n."deviceId", n.epoch, n.number, n.digest, n.document, ${policy.id}::uuid, ${policy.version}, ${at.toISOString()}::timestamptz, ${by}::uuid, ${rollout}::uuid
      from jsonb_to_recordset(${JSON.stringify(targets)}::jsonb) as n ("deviceId" text, epoch int, number int, digest text, document jsonb)
     order by n."deviceId"
    on conflict (tenant_id, device_id) do update set
      came_to_policy = case when ${wasKept} then t.policy_id else t.came_to_policy end,
      came_to_version = case when ${wasKept} then t.policy_version else t.came_to_version end,
      epoch = excluded.epoch, number = excluded.number, digest = excluded.digest, document = excluded.document, policy_id = excluded.policy_id,
      policy_version = excluded.policy_version, assigned_at = excluded.assigned_at, assigned_by = excluded.assigned_by,
      rollout_id = excluded.rollout_id, withheld = false,
      held_at = null, status = null, status_at = null, status_detail = null,
      change = null, change_nonce = null, announced_at = null, confirmed_at = null, reached_at = null`,
  );
  await enqueueDown(
    tx,
    targets.map(({ deviceId }) => ({ tenantId, deviceId, channel: 'target', subject: null })),
  );
  await announceChanges(
    tx,
    targets.map(({ deviceId }) => ({ tenant: tenantId, kind: 'target', id: deviceId, device: deviceId })),
  );
}

async function assignTargets(tx: Transaction, { caller, policy, note, at, targets }: AssignmentWrite): Promise<void> {
  const tenantId = caller.tenant;
  await writeTargets(tx, { tenantId, by: caller.id, policy, at, rollout: null, targets });
  const details = (number: number) => ({ policy: policy.id, version: policy.version, number, ...(note === undefined ? {} : { note }) });
  await tx.auditEntry.createMany({
    data: targets.map(({ deviceId, number }) => ({
      tenantId,
      actor: caller.id,
      action: 'target.assign',
      subject: deviceId,
      details: details(number),
    })),
  });
}

export class TargetsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  policyVersion(tenantId: string, ref: VersionRef): Promise<StoredPolicyVersion | null> {
    return loadPolicyVersion(this.#database.prisma, tenantId, ref);
  }

  approvalBounds(tenantId: string): Promise<RolloutApproval> {
    return readApprovalBounds(this.#database.prisma, tenantId);
  }

  /** Notes who is assigned something by hand, unless `check` throws at all that this person has done alone of late, this among it. */
  noteAssigned(caller: Caller, { devices, check }: { devices: readonly AssignedDevice[]; check: (alone: Reach) => void }): Promise<void> {
    return this.#database.prisma.$transaction(async (tx) => {
      await noteAssigned(tx, caller, devices);
      check(await readDoneAlone(tx, caller, null));
    });
  }

  async latestVersion(tenantId: string, policyId: string): Promise<number | null> {
    const { prisma } = this.#database;
    const row = await prisma.apnPolicyVersion.findFirst({
      where: { tenantId, policyId },
      orderBy: { version: 'desc' },
      select: { version: true },
    });
    return row?.version ?? null;
  }

  profileDocuments(tenantId: string, refs: readonly VersionRef[]): Promise<Map<string, unknown>> {
    return loadProfileDocuments(this.#database.prisma, tenantId, refs);
  }

  async device(tenantId: string, id: string): Promise<TargetedDevice | null> {
    const [device] = await readTargetedDevices(this.#database.prisma, tenantId, [id]);
    return device ?? null;
  }

  /** What the device last said of itself, as it is kept; null: nothing, or there is no such device. */
  async reported(tenantId: string, id: string): Promise<unknown> {
    const row = await this.#database.prisma.device.findUnique({ where: { tenantId_id: { tenantId, id } }, select: { reported: true } });
    return row?.reported ?? null;
  }

  assign<Result>(tenantId: string, work: (tx: AssignmentTransaction) => Promise<Result>): Promise<Result> {
    return this.#database.prisma.$transaction(async (tx) => {
      await lockTargets(tx, tenantId);
      return work({
        devices: (ids) => readTargetedDevices(tx, tenantId, ids),
        databaseEpoch: () => readDatabaseEpoch(tx),
        write: (write) => assignTargets(tx, write),
      });
    });
  }
}
