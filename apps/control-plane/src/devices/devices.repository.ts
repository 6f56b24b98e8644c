import type { DeviceDetail, UpdateDevice } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { Caller } from '../operators/authorise.ts';
import { announceChanges } from '../platform/change-feed.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { renderSql, type Sql, sql } from '../platform/sql.ts';
import { readFilterGroups, unionOf } from '../sites/filter-groups.repository.ts';
import { type FullDevice, showDevice } from './device-detail.ts';
import type { SavedGroup } from './device-filter.ts';
import { readGroupFilters } from './group-filters.repository.ts';

const idRowsSchema = z.array(z.object({ id: z.string() }));

const everything = { site: true, target: true, groups: { include: { group: true } } } as const;

export class DevicesRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(tenantId: string, id: string): Promise<DeviceDetail | null> {
    const row = await readDevice(this.#database.prisma, tenantId, id);
    return row && showDevice(row);
  }

  async siteExists(tenantId: string, id: string): Promise<boolean> {
    return (await this.#database.prisma.site.count({ where: { tenantId, id } })) > 0;
  }

  /** Null when there is no such device. */
  update(caller: Caller, id: string, { name, tags, site, zone }: UpdateDevice): Promise<DeviceDetail | null> {
    const { tenant: tenantId } = caller;
    const change = {
      ...(name === undefined ? {} : { name }),
      ...(tags === undefined ? {} : { tags }),
      ...(site === undefined ? {} : { siteId: site }),
      ...(zone === undefined ? {} : { zone }),
    };
    return this.#database.prisma.$transaction(async (tx) => {
      const { count } = await tx.device.updateMany({ where: { tenantId, id }, data: change });
      if (count === 0) return null;
      await this.#tell(tx, caller, { device: id, action: 'device.update', details: change });
      const row = await readDevice(tx, tenantId, id);
      return row && showDevice(row);
    });
  }

  /** False when there is no such device. Its streams go with it, its telemetry and events with their retention. */
  remove(caller: Caller, id: string): Promise<boolean> {
    const { tenant: tenantId } = caller;
    return this.#database.prisma.$transaction(async (tx) => {
      const { count } = await tx.device.deleteMany({ where: { tenantId, id } });
      if (count === 0) return false;
      await tx.outbox.deleteMany({ where: { tenantId, deviceId: id } });
      await this.#tell(tx, caller, { device: id, action: 'device.remove' });
      return true;
    });
  }

  /** False when there is no such device. The broker hears of it by the change feed and ends the session. */
  revokeCredential(caller: Caller, id: string): Promise<boolean> {
    return this.#database.prisma.$transaction(async (tx) => {
      const { count } = await tx.device.updateMany({ where: { tenantId: caller.tenant, id }, data: { credentialHash: null } });
      if (count > 0) await this.#tell(tx, caller, { device: id, action: 'device.revoke' });
      return count > 0;
    });
  }

  groupFilters(tenantId: string, filter: string | undefined): Promise<SavedGroup[]> {
    return readGroupFilters(this.#database.prisma, tenantId, filter);
  }

  async knownIds(tenantId: string, ids: readonly string[]): Promise<string[]> {
    const rows = await this.#database.prisma.device.findMany({ where: { tenantId, id: { in: [...ids] } }, select: { id: true } });
    return rows.map((row) => row.id);
  }

  /** Ids that a condition holds for, beyond one, in order. */
  async matchingIds(tenantId: string, { condition, after, limit }: { condition: Sql; after: string; limit: number }): Promise<string[]> {
    const query = sql`select d.id from device d where d.tenant_id = ${tenantId} and d.id > ${after} and (${condition}) order by d.id limit ${limit}`;
    const { rows } = await this.#database.pool.query(renderSql(query));
    return idRowsSchema.parse(rows).map((row) => row.id);
  }

  /** @returns how many devices have other tags now */
  editTags(
    caller: Caller,
    ids: readonly string[],
    { add, remove }: { add: readonly string[]; remove: readonly string[] },
  ): Promise<number> {
    const { tenant: tenantId } = caller;
    return this.#database.prisma.$transaction(async (tx) => {
      const rows = await tx.$queryRaw`
        update device d set tags = edited.tags
          from (select e.id, array(select distinct tag from unnest(e.tags || ${add}::text[]) tag where tag <> all(${remove}::text[]) order by tag) as tags
                  from device e where e.tenant_id = ${tenantId} and e.id = any(${ids}::text[]) order by e.id for no key update) edited
         where d.tenant_id = ${tenantId} and d.id = edited.id and d.tags is distinct from edited.tags
        returning d.id`;
      return this.#tellOfMany(tx, caller, { rows, action: 'device.tags', details: { add: [...add], remove: [...remove] } });
    });
  }

  /** @returns how many devices have another zone now */
  setZone(caller: Caller, ids: readonly string[], zone: string | null): Promise<number> {
    return this.#database.prisma.$transaction(async (tx) => {
      const rows = await tx.$queryRaw`
        update device d set zone = ${zone}
          from (select e.id from device e where e.tenant_id = ${caller.tenant} and e.id = any(${ids}::text[])
                  and e.zone is distinct from ${zone} order by e.id for no key update) edited
         where d.tenant_id = ${caller.tenant} and d.id = edited.id
        returning d.id`;
      return this.#tellOfMany(tx, caller, { rows, action: 'device.zone', details: { zone } });
    });
  }

  async #tellOfMany(
    tx: Transaction,
    { tenant: tenantId, id: actor }: Caller,
    { rows, action, details }: { rows: unknown; action: string; details: Prisma.InputJsonObject },
  ): Promise<number> {
    const changed = idRowsSchema.parse(rows);
    if (changed.length === 0) return 0;
    await recordAudit(tx, { tenantId, actor, action, subject: `${changed.length} devices`, details });
    await announceChanges(
      tx,
      changed.map(({ id }) => ({ tenant: tenantId, kind: 'device', id, device: id })),
    );
    return changed.length;
  }

  async #tell(
    tx: Transaction,
    { tenant: tenantId, id: actor }: Caller,
    { device, action, details }: { device: string; action: string; details?: object },
  ): Promise<void> {
    await recordAudit(tx, { tenantId, actor, action, subject: device, details: { ...details } });
    await announceChanges(tx, [{ tenant: tenantId, kind: 'device', id: device, device }]);
  }
}

async function readDevice(tx: Transaction, tenantId: string, id: string): Promise<FullDevice | null> {
  const device = await tx.device.findUnique({ where: { tenantId_id: { tenantId, id } }, include: everything });
  if (!device) return null;
  const tenant = await tx.tenant.findUnique({ where: { id: tenantId }, select: { zone: true } });
  const matched = (await readFilterGroups(tx, tenantId, [id])).get(id) ?? [];
  const groups = unionOf(
    device.groups.map(({ group }) => group),
    matched,
  );
  return { ...device, groups, tenantZone: tenant?.zone ?? null };
}
