import type { DeviceList, Page, PageQuery } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import type { Ids } from '../platform/clock.ts';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database } from '../platform/database.ts';
import { refuseTaken } from '../platform/taken.ts';
import type { Identifier } from './csv/identifier.ts';

const namePlace = z.tuple([z.string()]);
const foundSchema = z.array(z.object({ kind: z.enum(['device', 'iccid', 'imei']), value: z.string(), device: z.string() }));

interface ListRow {
  readonly id: string;
  readonly name: string;
  readonly devices: number;
  readonly createdAt: Date;
  readonly createdBy: string;
}

const shown = { id: true, name: true, devices: true, createdAt: true, createdBy: true } as const;
const listOf = (row: ListRow): DeviceList => ({ ...row, createdAt: row.createdAt.toISOString() });

export const identifierKey = ({ kind, value }: Identifier): string => `${kind} ${value}`;

/** By the narrow copy of identities; an IMEI may look like somebody's IMSI, so the device's own column is asked as well. */
const lookupSql = `
  select w.kind, w.value, d.id as device from unnest($2::text[], $3::text[]) as w (kind, value)
    join device d on d.tenant_id = $1 and d.id = w.value where w.kind = 'device'
  union all
  select w.kind, w.value, d.id from unnest($2::text[], $3::text[]) as w (kind, value)
    join device_identity i on i.tenant_id = $1 and i.value = w.value
    join device d on d.tenant_id = $1 and d.id = i.device_id and w.value = case w.kind when 'iccid' then d.iccid when 'imei' then d.imei end`;

/** Devices written in one statement. */
const chunkSize = 5000;

/** Lists of devices that files named. */
export class DeviceListsRepository {
  readonly #database: Database;
  readonly #ids: Ids;

  constructor(database: Database, ids: Ids) {
    this.#database = database;
    this.#ids = ids;
  }

  async list(tenantId: string, { cursor, limit }: PageQuery): Promise<Page<DeviceList>> {
    const place = decodeCursor(namePlace, cursor);
    const where = { tenantId, ...(place ? { name: { gt: place[0] } } : {}) };
    const rows = await this.#database.prisma.deviceList.findMany({ where, orderBy: { name: 'asc' }, take: limit + 1, select: shown });
    return pageOf(rows, limit, { item: listOf, place: (row) => [row.name] });
  }

  async get(tenantId: string, id: string): Promise<DeviceList | null> {
    const row = await this.#database.prisma.deviceList.findUnique({ where: { tenantId_id: { tenantId, id } }, select: shown });
    return row && listOf(row);
  }

  /** Devices of this tenant by what names them (`identifierKey`); several where several answer to it. */
  async devicesBy(tenantId: string, identifiers: readonly Identifier[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const kinds = identifiers.map(({ kind }) => kind);
    const values = identifiers.map(({ value }) => value);
    const { rows } = await this.#database.pool.query(lookupSql, [tenantId, kinds, values]);
    const found = new Map<string, string[]>();
    for (const { kind, value, device } of foundSchema.parse(rows)) {
      const key = identifierKey({ kind, value });
      found.set(key, [...new Set([...(found.get(key) ?? []), device])]);
    }
    return found;
  }

  /** All of it or nothing; devices that were removed meanwhile are missing from it. */
  create({ tenant: tenantId, id: actor }: Caller, { name, devices }: { name: string; devices: readonly string[] }): Promise<DeviceList> {
    const write = this.#database.prisma.$transaction(async (tx) => {
      const list = await tx.deviceList.create({
        data: { tenantId, id: this.#ids.uuid(), name, devices: devices.length, createdBy: actor },
        select: shown,
      });
      for (let start = 0; start < devices.length; start += chunkSize) {
        await tx.$executeRaw`
          insert into device_list_member (tenant_id, list_id, device_id)
          select d.tenant_id, ${list.id}::uuid, d.id from device d
           where d.tenant_id = ${tenantId} and d.id = any(${devices.slice(start, start + chunkSize)}::text[])`;
      }
      await recordAudit(tx, { tenantId, actor, action: 'list.import', subject: list.id, details: { name, devices: devices.length } });
      return listOf(list);
    });
    return refuseTaken(write, `a list is called ${JSON.stringify(name)} already: lists do not change, so give another name`);
  }

  /** False when there is no such list. */
  remove({ tenant: tenantId, id: actor }: Caller, id: string): Promise<boolean> {
    return this.#database.prisma.$transaction(async (tx) => {
      const { count } = await tx.deviceList.deleteMany({ where: { tenantId, id } });
      if (count > 0) await recordAudit(tx, { tenantId, actor, action: 'list.remove', subject: id });
      return count > 0;
    });
  }
}
