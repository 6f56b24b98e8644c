import type { DeviceSort } from '@towline/protocol/http';
import * as z from 'zod';
import { allOf, type Sql, sql } from '../platform/sql.ts';

type SortField = 'id' | 'name' | 'lastSeen' | 'signal';

interface SortColumn {
  readonly column: Sql;
  readonly cast: Sql;
  readonly nullable: boolean;
  /** What is walked, and the device's id there, where that is not the device itself. */
  readonly walk?: { readonly from: Sql; readonly id: Sql };
}

const byName = {
  from: sql`device_name sorted join device d on d.tenant_id = sorted.tenant_id and d.id = sorted.device_id`,
  id: sql`sorted.device_id`,
};

const sortColumns: Readonly<Record<SortField, SortColumn>> = {
  id: { column: sql`d.id`, cast: sql`::text`, nullable: false },
  name: { column: sql`sorted.name`, cast: sql`::text`, nullable: false, walk: byName },
  lastSeen: { column: sql`d.last_seen_at`, cast: sql`::timestamptz`, nullable: true },
  signal: { column: sql`d.signal_dbm`, cast: sql`::real`, nullable: true },
};

const sortFields: Readonly<Record<DeviceSort, { field: SortField; descending: boolean }>> = {
  id: { field: 'id', descending: false },
  '-id': { field: 'id', descending: true },
  name: { field: 'name', descending: false },
  '-name': { field: 'name', descending: true },
  lastSeen: { field: 'lastSeen', descending: false },
  '-lastSeen': { field: 'lastSeen', descending: true },
  signal: { field: 'signal', descending: false },
  '-signal': { field: 'signal', descending: true },
};

/** Where a page ended: the sort it belongs to, the value there (null among the devices without one), the device. */
export const placeSchema = z.tuple([z.string(), z.union([z.string().max(100), z.number()]).nullable(), z.string().max(20)]);
export type Place = z.infer<typeof placeSchema>;

export interface PageRequest {
  readonly tenantId: string;
  readonly condition: Sql;
  readonly sort: DeviceSort;
  readonly after: Place | null;
  readonly limit: number;
}

/** Whether a cursor's place can stand in this order: its value goes into a cast. */
export function placeFits(sort: DeviceSort, [named, value, id]: Place): boolean {
  const { field } = sortFields[sort];
  if (named !== sort) return false;
  if (value === null) return sortColumns[field].nullable;
  if (field === 'lastSeen') return typeof value === 'string' && z.iso.datetime().safeParse(value).success;
  if (field === 'signal') return typeof value === 'number' && Number.isFinite(value);
  return typeof value === 'string' && !value.includes('\u0000') && !id.includes('\u0000');
}

/** What a walk by id compares ids with to go on after `after`; null for any other walk, and for the first page. */
export function beyondId(sort: DeviceSort, after: Place | null): Sql | null {
  const { field, descending } = sortFields[sort];
  if (field !== 'id' || !after) return null;
  return descending ? sql`< ${after[2]}` : sql`> ${after[2]}`;
}

/**
 * Ids of one page, each with the value it is sorted by as `place`: first the devices that have one. Each part is a walk along one index
 * from where the last page ended, so page 10,000 costs what page 1 does.
 */
export function valuedPart({ tenantId, condition, sort, after, limit }: PageRequest): Sql | null {
  const { field, descending } = sortFields[sort];
  const { column, cast, nullable, walk = { from: sql`device d`, id: sql`d.id` } } = sortColumns[field];
  if (after && after[1] === null) return null;
  const direction = descending ? sql`desc` : sql`asc`;
  const beyond = descending ? sql`<` : sql`>`;
  const isId = field === 'id';
  const start = after
    ? isId
      ? sql`d.id ${beyond} ${after[2]}`
      : sql`(${column}, ${walk.id}) ${beyond} (${after[1]}${cast}, ${after[2]})`
    : null;
  const where = allOf([
    sql`d.tenant_id = ${tenantId}`,
    condition,
    ...(nullable ? [sql`${column} is not null`] : []),
    ...(start ? [start] : []),
  ]);
  const order = isId ? sql`d.id ${direction}` : sql`${column} ${direction}, ${walk.id} ${direction}`;
  return sql`select d.id, ${column} as place from ${walk.from} where ${where} order by ${order} limit ${limit}`;
}

/** Then the devices without a value, by id; null for a sort that every device has a value for. */
export function unvaluedPart({ tenantId, condition, sort, after, limit }: PageRequest): Sql | null {
  const { column, nullable } = sortColumns[sortFields[sort].field];
  if (!nullable) return null;
  const start = after && after[1] === null ? [sql`d.id > ${after[2]}`] : [];
  const where = allOf([sql`d.tenant_id = ${tenantId}`, condition, sql`${column} is null`, ...start]);
  return sql`select d.id, ${column} as place from device d where ${where} order by d.id limit ${limit}`;
}

/** The order of the devices with a value once they are joined with what is shown of them. */
export function partOrder(sort: DeviceSort): Sql {
  return sortFields[sort].descending ? sql`page.place desc, page.id desc` : sql`page.place asc, page.id asc`;
}
