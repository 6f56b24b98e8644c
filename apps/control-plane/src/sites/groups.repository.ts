import type { ChangeMembers, CreateGroup, Group, MembersChanged, Page, PageQuery, UpdateGroup } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import type { Ids } from '../platform/clock.ts';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database } from '../platform/database.ts';
import { refuseTaken } from '../platform/taken.ts';

const rankPlace = z.tuple([z.int()]);
const devicePlace = z.tuple([z.string()]);
const shown = { id: true, name: true, rank: true } as const;
const taken = 'a group has this name or this rank already: both are unique';

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

  create({ tenant: tenantId, id: actor }: Caller, { name, rank }: CreateGroup): Promise<Group> {
    const write = this.#database.prisma.$transaction(async (tx) => {
      const group = await tx.deviceGroup.create({ data: { tenantId, id: this.#ids.uuid(), name, rank }, select: shown });
      await recordAudit(tx, { tenantId, actor, action: 'group.create', subject: group.id, details: { name, rank } });
      return group;
    });
    return refuseTaken(write, taken);
  }

  update({ tenant: tenantId, id: actor }: Caller, id: string, change: UpdateGroup): Promise<Group | null> {
    const write = this.#database.prisma.$transaction(async (tx) => {
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

  async listMembers(tenantId: string, groupId: string, { cursor, limit }: PageQuery): Promise<Page<{ device: string; name: string }>> {
    const place = decodeCursor(devicePlace, cursor);
    const rows = await this.#database.prisma.deviceGroupMember.findMany({
      where: { tenantId, groupId, ...(place ? { deviceId: { gt: place[0] } } : {}) },
      orderBy: { deviceId: 'asc' },
      take: limit + 1,
      select: { deviceId: true, device: { select: { name: true } } },
    });
    return pageOf(rows, limit, { item: (row) => ({ device: row.deviceId, name: row.device.name }), place: (row) => [row.deviceId] });
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
