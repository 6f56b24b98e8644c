import type { AddProfileVersion, CreateProfile, Page, PageQuery, Profile, ProfileVersion, VersionRef } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import type { Ids } from '../platform/clock.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { Sealer } from '../platform/sealer.ts';
import { refuseTaken } from '../platform/taken.ts';
import { byName, pageByName, pageOfVersions, versionsNewestFirst } from '../platform/version-pages.ts';
import { readStoredProfile, showProfile, storeProfile } from './stored-profile.ts';

interface VersionRow {
  readonly profileId: string;
  readonly version: number;
  readonly document: unknown;
  readonly createdAt: Date;
  readonly createdBy: string;
}

const shownVersion = (row: VersionRow, name: string): ProfileVersion => ({
  id: row.profileId,
  name,
  version: row.version,
  profile: showProfile(readStoredProfile(row.document)),
  createdAt: row.createdAt.toISOString(),
  createdBy: row.createdBy,
});

/** Documents of these versions by `<id>@<version>`; what does not exist is missing. */
export async function loadProfileDocuments(tx: Transaction, tenantId: string, refs: readonly VersionRef[]): Promise<Map<string, unknown>> {
  const wanted = refs.map(({ id, version }) => ({ profileId: id, version }));
  const rows = await tx.connectionProfileVersion.findMany({ where: { tenantId, OR: wanted } });
  return new Map(rows.map((row) => [`${row.profileId}@${row.version}`, row.document]));
}

export class ProfilesRepository {
  readonly #database: Database;
  readonly #ids: Ids;
  readonly #sealer: Sealer;

  constructor(database: Database, ids: Ids, sealer: Sealer) {
    this.#database = database;
    this.#ids = ids;
    this.#sealer = sealer;
  }

  async list(tenantId: string, query: PageQuery): Promise<Page<Profile>> {
    return pageByName(await this.#database.prisma.connectionProfile.findMany(byName(tenantId, query)), query.limit);
  }

  /** Newest first. Null when there is no such profile. */
  async listVersions(tenantId: string, id: string, query: PageQuery): Promise<Page<ProfileVersion> | null> {
    const profile = await this.#database.prisma.connectionProfile.findUnique({
      where: { tenantId_id: { tenantId, id } },
      include: { versions: versionsNewestFirst(query) },
    });
    return profile && pageOfVersions(profile.versions, query.limit, (row) => shownVersion(row, profile.name));
  }

  async getVersion(tenantId: string, profileId: string, version: number): Promise<ProfileVersion | null> {
    const row = await this.#database.prisma.connectionProfileVersion.findUnique({
      where: { tenantId_profileId_version: { tenantId, profileId, version } },
      include: { profile: true },
    });
    return row && shownVersion(row, row.profile.name);
  }

  create(caller: Caller, { name, profile }: CreateProfile): Promise<ProfileVersion> {
    const write = this.#database.prisma.$transaction(async (tx) => {
      const { id } = await tx.connectionProfile.create({ data: { tenantId: caller.tenant, id: this.#ids.uuid(), name } });
      return this.#add(tx, caller, { id, name, version: 1, profile });
    });
    return refuseTaken(write, `a profile is called ${JSON.stringify(name)} already: add a version to it`);
  }

  /** Null when there is no such profile. */
  addVersion(caller: Caller, id: string, { profile }: AddProfileVersion): Promise<ProfileVersion | null> {
    return this.#database.prisma.$transaction(async (tx) => {
      const found = await lockProfile(tx, caller.tenant, id);
      return found && this.#add(tx, caller, { id, name: found.name, version: found.latest + 1, profile });
    });
  }

  async #add(tx: Transaction, caller: Caller, { id, name, version, profile }: VersionRef & CreateProfile): Promise<ProfileVersion> {
    const { tenant: tenantId, id: actor } = caller;
    const row = await tx.connectionProfileVersion.create({
      data: { tenantId, profileId: id, version, document: storeProfile(profile, this.#sealer), createdBy: actor },
    });
    await recordAudit(tx, { tenantId, actor, action: 'profile.version', subject: id, details: { name, version, apn: profile.apn } });
    return shownVersion(row, name);
  }
}

const lockedSchema = z.array(z.object({ name: z.string(), latest: z.int() }));

/** Numbers are given out one at a time. */
async function lockProfile(tx: Transaction, tenantId: string, id: string): Promise<{ name: string; latest: number } | null> {
  await tx.$queryRaw`select id from connection_profile where tenant_id = ${tenantId} and id = ${id}::uuid for update`;
  const rows = await tx.$queryRaw`
    select p.name, max(v.version) as latest from connection_profile p
      join connection_profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id
     where p.tenant_id = ${tenantId} and p.id = ${id}::uuid group by p.name`;
  return lockedSchema.parse(rows)[0] ?? null;
}
