import type { Device, ExportRow } from '@towline/protocol/http';
import * as z from 'zod';
import { deviceCondition } from '../devices/device-filter.ts';
import { DeviceListRepository } from '../devices/device-list.repository.ts';
import { readGroupFilters } from '../devices/group-filters.repository.ts';
import type { Database } from '../platform/database.ts';
import { renderSql, sql } from '../platform/sql.ts';

/** Rows read by one query. */
const pageSize = 500;

export const deviceColumns = [
  'id',
  'name',
  'site',
  'tags',
  'online',
  'lastSeen',
  'model',
  'imei',
  'iccid',
  'imsi',
  'homePlmn',
  'servingPlmn',
  'registration',
  'state',
  'apn',
  'fault',
  'signal',
  'policy',
  'policyVersion',
  'targetStatus',
] as const;

function deviceRow({ site, tags, target, ...device }: Device): ExportRow {
  const row = { ...device, site: site?.name ?? null, tags: tags.join(' ') };
  const { id: policy = null, version: policyVersion = null } = target?.policy ?? {};
  const all: ExportRow = { ...row, policy, policyVersion, targetStatus: target?.status ?? null };
  return Object.fromEntries(deviceColumns.map((column) => [column, all[column] ?? null]));
}

export const rolloutColumns = [
  'device',
  'name',
  'wave',
  'state',
  'code',
  'attempt',
  'openedAt',
  'heldAt',
  'changedAt',
  'site',
  'carrier',
  'model',
] as const;

const time = z.date().nullable();
const text = z.string().nullable();
const rolloutRowsSchema = z.array(
  z.object({
    device: z.string(),
    name: z.string(),
    wave: z.int(),
    state: z.string(),
    code: text,
    attempt: z.int(),
    openedAt: time,
    heldAt: time,
    changedAt: time,
    site: text,
    carrier: text,
    model: text,
  }),
);

const rolloutSql = `
  select r.device_id as device, d.name, r.wave, r.state, r.code, r.attempt, r.opened_at as "openedAt", r.held_at as "heldAt",
         r.changed_at as "changedAt", s.name as site, r.carrier, coalesce(r.model, d.model) as model
    from rollout_device r
    join device d on d.tenant_id = r.tenant_id and d.id = r.device_id
    left join site s on s.tenant_id = d.tenant_id and s.id = d.site_id
   where r.tenant_id = $1 and r.rollout_id = $2 and r.device_id > $3 order by r.device_id limit $4`;

const countSchema = z.tuple([z.object({ rows: z.int() })]);
const rolloutCountSchema = z.array(z.object({ rows: z.int() }));
const rolloutCountSql = `
  select coalesce((select sum(c.devices) from rollout_count c where c.tenant_id = r.tenant_id and c.rollout_id = r.id), 0)::int as rows
    from rollout r where r.tenant_id = $1 and r.id = $2`;

const iso = (value: ExportRow[string] | Date) => (value instanceof Date ? value.toISOString() : value);

/** Reads whole tables page by page: one index walk a page, nothing held between two. */
export class ExportsRepository {
  readonly #database: Database;
  readonly #devices: DeviceListRepository;

  constructor(database: Database) {
    this.#database = database;
    this.#devices = new DeviceListRepository(database);
  }

  /** Devices in the order of their ids, as their list shows them. @throws Fault `filter.invalid` */
  async *devices(tenantId: string, filter: string | undefined): AsyncGenerator<ExportRow> {
    const groups = await readGroupFilters(this.#database.prisma, tenantId, filter);
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const request = { sort: 'id', limit: pageSize, ...(cursor === undefined ? {} : { cursor }) } as const;
      const page = await this.#devices.list(tenantId, (beyond) => deviceCondition(filter, groups, beyond), request);
      for (const device of page.items) yield deviceRow(device);
      cursor = page.next;
    }
  }

  /** How many `devices` is about to give. @throws Fault `filter.invalid` */
  async deviceCount(tenantId: string, filter: string | undefined): Promise<number> {
    const groups = await readGroupFilters(this.#database.prisma, tenantId, filter);
    const query = sql`select count(*)::int as rows from device d where d.tenant_id = ${tenantId} and ${deviceCondition(filter, groups, null)}`;
    return countSchema.parse((await this.#database.pool.query(renderSql(query))).rows)[0].rows;
  }

  /** How many devices a rollout has; null: there is no such rollout. */
  async rolloutDeviceCount(tenantId: string, id: string): Promise<number | null> {
    const { rows } = await this.#database.pool.query(rolloutCountSql, [tenantId, id]);
    return rolloutCountSchema.parse(rows)[0]?.rows ?? null;
  }

  /** Devices of a rollout in the order of their ids, as they stand. */
  async *rolloutDevices(tenantId: string, rolloutId: string): AsyncGenerator<ExportRow> {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const { rows } = await this.#database.pool.query(rolloutSql, [tenantId, rolloutId, after, pageSize]);
      const read = rolloutRowsSchema.parse(rows);
      for (const row of read) yield Object.fromEntries(Object.entries(row).map(([column, value]) => [column, iso(value)]));
      after = read.length === pageSize ? read.at(-1)?.device : undefined;
    }
  }
}
