import type { Page, PageQuery, Policy, PolicyRule, PolicyVersionSummary, VersionRef } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import type { Ids } from '../platform/clock.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { refuseTaken } from '../platform/taken.ts';
import { byName, pageByName, pageOfVersions, versionsNewestFirst } from '../platform/version-pages.ts';
import { loadProfileDocuments } from '../profiles/profiles.repository.ts';
import type { StoredPolicy } from './stored-rules.ts';

const rulesCountSchema = z.object({ rules: z.array(z.unknown()) });

/** One immutable version as it lies in the database. */
export interface StoredPolicyVersion {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly document: unknown;
  readonly createdAt: Date;
  readonly createdBy: string;
}

const summaryOf = (row: { version: number; document: unknown; createdAt: Date; createdBy: string }) => ({
  version: row.version,
  rules: rulesCountSchema.parse(row.document).rules.length,
  createdAt: row.createdAt.toISOString(),
  createdBy: row.createdBy,
});

/** What a policy's rules point at and does not exist in this tenant. */
export interface UnknownReferences {
  /** `<id>@<version>` */
  readonly profiles: ReadonlySet<string>;
  readonly subjects: ReadonlySet<string>;
}

export async function loadPolicyVersion(
  tx: Transaction,
  tenantId: string,
  ref: { id: string; version: number },
): Promise<StoredPolicyVersion | null> {
  const row = await tx.apnPolicyVersion.findUnique({
    where: { tenantId_policyId_version: { tenantId, policyId: ref.id, version: ref.version } },
    include: { policy: { select: { name: true } } },
  });
  return (
    row && {
      id: row.policyId,
      name: row.policy.name,
      version: row.version,
      document: row.document,
      createdAt: row.createdAt,
      createdBy: row.createdBy,
    }
  );
}

export class PoliciesRepository {
  readonly #database: Database;
  readonly #ids: Ids;

  constructor(database: Database, ids: Ids) {
    this.#database = database;
    this.#ids = ids;
  }

  async list(tenantId: string, query: PageQuery): Promise<Page<Policy>> {
    return pageByName(await this.#database.prisma.apnPolicy.findMany(byName(tenantId, query)), query.limit);
  }

  async listVersions(tenantId: string, id: string, query: PageQuery): Promise<Page<PolicyVersionSummary> | null> {
    const policy = await this.#database.prisma.apnPolicy.findUnique({
      where: { tenantId_id: { tenantId, id } },
      include: { versions: versionsNewestFirst(query) },
    });
    return policy && pageOfVersions(policy.versions, query.limit, summaryOf);
  }

  getVersion(tenantId: string, id: string, version: number): Promise<StoredPolicyVersion | null> {
    return loadPolicyVersion(this.#database.prisma, tenantId, { id, version });
  }

  create(caller: Caller, { name, document }: { name: string; document: StoredPolicy }): Promise<StoredPolicyVersion> {
    const write = this.#database.prisma.$transaction(async (tx) => {
      const { id } = await tx.apnPolicy.create({ data: { tenantId: caller.tenant, id: this.#ids.uuid(), name } });
      return addVersion(tx, caller, { id, name, version: 1, document });
    });
    return refuseTaken(write, `a policy is called ${JSON.stringify(name)} already: add a version to it`);
  }

  /** Null when there is no such policy. */
  addVersion(caller: Caller, id: string, document: StoredPolicy): Promise<StoredPolicyVersion | null> {
    return this.#database.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`select id from apn_policy where tenant_id = ${caller.tenant} and id = ${id}::uuid for update`;
      const last = await tx.apnPolicyVersion.findFirst({
        where: { tenantId: caller.tenant, policyId: id },
        orderBy: { version: 'desc' },
        select: { version: true, policy: { select: { name: true } } },
      });
      return last && addVersion(tx, caller, { id, name: last.policy.name, version: last.version + 1, document });
    });
  }

  profileDocuments(tenantId: string, refs: readonly VersionRef[]): Promise<Map<string, unknown>> {
    return loadProfileDocuments(this.#database.prisma, tenantId, refs);
  }

  async unknownReferences(tenantId: string, rules: readonly PolicyRule[]): Promise<UnknownReferences> {
    const { prisma } = this.#database;
    const subjects = (level: PolicyRule['level']) =>
      rules.flatMap((rule) => (rule.level === level && rule.subject !== undefined ? [rule.subject] : []));
    const find = (level: PolicyRule['level']) => ({ where: { tenantId, id: { in: subjects(level) } }, select: { id: true } });
    const [devices, groups, sites, profiles] = await Promise.all([
      prisma.device.findMany(find('device')),
      prisma.deviceGroup.findMany(find('group')),
      prisma.site.findMany(find('site')),
      prisma.connectionProfileVersion.findMany({
        where: { tenantId, OR: rules.map(({ profile }) => ({ profileId: profile.id, version: profile.version })) },
        select: { profileId: true, version: true },
      }),
    ]);
    const known = new Set([...devices, ...groups, ...sites].map((row) => row.id));
    const knownProfiles = new Set(profiles.map((row) => `${row.profileId}@${row.version}`));
    return {
      subjects: new Set(rules.flatMap(({ subject }) => (subject === undefined || known.has(subject) ? [] : [subject]))),
      profiles: new Set(rules.map(({ profile }) => `${profile.id}@${profile.version}`).filter((ref) => !knownProfiles.has(ref))),
    };
  }
}

interface NewVersion {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly document: StoredPolicy;
}

async function addVersion(
  tx: Transaction,
  { tenant: tenantId, id: actor }: Caller,
  { id, name, version, document }: NewVersion,
): Promise<StoredPolicyVersion> {
  const row = await tx.apnPolicyVersion.create({ data: { tenantId, policyId: id, version, document, createdBy: actor } });
  await recordAudit(tx, {
    tenantId,
    actor,
    action: 'policy.version',
    subject: id,
    details: { name, version, rules: document.rules.length },
  });
  return { id, name, version, document: row.document, createdAt: row.createdAt, createdBy: row.createdBy };
}
