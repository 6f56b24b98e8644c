import type { ChangeMembers, CreateGroup, Group, MembersChanged, Page, PageQuery, UpdateGroup } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import type { Ids } from '../platform/clock.ts';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { refusal } from '../platform/refusal.ts';
import { renderSql, sql } from '../platform/sql.ts';
import { refuseTaken } from '../platform/taken.ts';
import { groupCondition } from './group-filter.ts';

const rankPlace = z.tuple([z.int()]);
const devicePlace = z.tuple([z.string()]);
const shown = { id: true, name: true, rank: true, filter: true } as const;
const memberRows = z.array(z.object({ device: z.string(), name: z.string() }));
const taken = 'a group has this name or this rank already: both are unique';

/** Each costs every assignment a query. */
const maxFilterGroups = 50;

async function refuseTooMany(tx: Transaction, tenantId: string, but: string | null): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`filter-groups/${tenantId}`}, 0))`;
  const others = but === null ? {} : { id: { not: but } };
  if ((await tx.deviceGroup.count({ where: { tenantId, filter: { not: null }, ...others } })) >= maxFilterGroups)
    throw refusal('resource.conflict', `at most ${maxFilterGroups} groups have a filter`);
}

export class GroupsRepository {
  readonly #database: Database;
  readonly #ids: Ids;

  constructor(database: Database, ids: Ids) {
    this.#database = database;
    this.#ids = ids;
  }

  async list(tenantId: string, { cursor, limit }: PageQuery): Promise<Page<Group>> {
    const place = decodeCursor(rankPlace, cursor);
    const where = { tenantId, ...(place ? { rank: { gt: place[0] } } : {}) };
    const rows = await this.#database.prisma.deviceGroup.findMany({ where, orderBy: { rank: 'asc' }, take: limit + 1, select: shown });
    return pageOf(rows, limit, { item: (row) => row, place: (row) => [row.rank] });
  }

  get(tenantId: string, id: string): Promise<Group | null> {
    return this.#database.prisma.deviceGroup.findUnique({ where: { tenantId_id: { tenantId, id } }, select: shown });
  }

  create({ tenant: tenantId, id: actor }: Caller, { name, rank, filter: asked }: CreateGroup): Promise<Group> {
    const filter = asked ?? null;
    const write = this.#database.prisma.$transaction(async (tx) => {
      if (filter !== null) await refuseTooMany(tx, tenantId, null);
      const group = await tx.deviceGroup.create({ data: { tenantId, id: this.#ids.uuid(), name, rank, filter }, select: shown });
      await recordAudit(tx, { tenantId, actor, action: 'group.create', subject: group.id, details: { name, rank, filter } });
      return group;
    });
    return refuseTaken(write, taken);
  }

  update({ tenant: tenantId, id: actor }: Caller, id: string, change: UpdateGroup): Promise<Group | null> {
    const write = this.#database.prisma.$transaction(async (tx) => {
      if (change.filter) await refuseTooMany(tx, tenantId, id);
      await tx.deviceGroup.updateMany({ where: { tenantId, id }, data: change });
      const group = await tx.deviceGroup.findUnique({ where: { tenantId_id: { tenantId, id } }, select: shown });
      if (group) await recordAudit(tx, { tenantId, actor, action: 'group.update', subject: id, details: change });
      return group;
    });
    return refuseTaken(write, taken);
  }

  /** False when there is no such group. Its members stay as devices. */
  remove({ tenant: tenantId, id: actor }: Caller, id: string): Promise<boolean> {
    return this.#database.prisma.$transaction(async (tx) => {
      const { count } = await tx.deviceGroup.deleteMany({ where: { tenantId, id } });
      if (count > 0) await recordAudit(tx, { tenantId, actor, action: 'group.remove', subject: id });
      return count > 0;
    });
  }

  /** Added members, and whoever the filter matches now. */
  async listMembers(
    tenantId: string,
    { id, filter }: Group,
    { cursor, limit }: PageQuery,
  ): Promise<Page<{ device: string; name: string }>> {
    const after = decodeCursor(devicePlace, cursor)?.[0] ?? '';
    const condition = groupCondition({ id, filter });
    const query = sql`select d.id as device, d.name from device d where d.tenant_id = ${tenantId} and d.id > ${after} and ${condition} order by d.id limit ${limit + 1}`;
    const { rows } = await this.#database.pool.query(renderSql(query));
    return pageOf(memberRows.parse(rows), limit, { item: (row) => row, place: (row) => [row.device] });
  }

  /** Null when there is no such group; devices of other tenants count as unknown. */
  changeMembers({ tenant: tenantId, id: actor }: Caller, groupId: string, { add, remove }: ChangeMembers): Promise<MembersChanged | null> {
    return this.#database.prisma.$transaction(async (tx) => {
      if (!(await tx.deviceGroup.findUnique({ where: { tenantId_id: { tenantId, id: groupId } } }))) return null;
      const known = await tx.device.findMany({ where: { tenantId, id: { in: add } }, select: { id: true } });
      const knownIds = new Set(known.map((device) => device.id));
      const removed = await tx.deviceGroupMember.deleteMany({ where: { tenantId, groupId, deviceId: { in: remove } } });
      const data = known.map((device) => ({ tenantId, groupId, deviceId: device.id }));
      const added = await tx.deviceGroupMember.createMany({ data, skipDuplicates: true });
      const counts = { added: added.count, removed: removed.count };
      await recordAudit(tx, { tenantId, actor, action: 'group.members', subject: groupId, details: counts });
      return { ...counts, unknown: add.filter((device) => !knownIds.has(device)) };
    });
  }
}
