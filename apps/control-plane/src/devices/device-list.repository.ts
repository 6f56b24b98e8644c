import { type Device, type DeviceQuery, type Page, shownTargetStatusSchema } from '@towline/protocol/http';
import * as z from 'zod';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database } from '../platform/database.ts';
import { refusal } from '../platform/refusal.ts';
import { renderSql, type Sql, sql } from '../platform/sql.ts';
import { beyondId, type PageRequest, type Place, partOrder, placeFits, placeSchema, unvaluedPart, valuedPart } from './device-page.ts';
import { targetStatusColumn } from './filter/filter-fields.ts';

const text = z.string().nullable();
const rowSchema = z.object({
  id: z.string(),
  name: z.string(),
  siteId: text,
  siteName: text,
  tags: z.array(z.string()),
  online: z.boolean(),
  lastSeen: z.date().nullable(),
  model: text,
  imei: text,
  iccid: text,
  imsi: text,
  homePlmn: text,
  servingPlmn: text,
  registration: text,
  state: text,
  apn: text,
  fault: text,
  signal: z.number().nullable(),
  targetEpoch: z.number().nullable(),
  targetNumber: z.number().nullable(),
  policyId: text,
  policyVersion: z.number().nullable(),
  targetStatus: shownTargetStatusSchema.nullable(),
  place: z.union([z.string(), z.number(), z.date()]).nullable(),
});
const rowsSchema = z.array(rowSchema);
type Row = z.infer<typeof rowSchema>;

const shownColumns = sql`d.id, d.name, d.site_id as "siteId", s.name as "siteName", coalesce(d.tags, '{}') as tags, d.online, d.last_seen_at as "lastSeen", d.model, d.imei, d.iccid, d.imsi,
  d.home_plmn as "homePlmn", d.serving_plmn as "servingPlmn", d.registration, d.connection_state as state, d.apn, d.fault_code as fault, d.signal_dbm as signal,
  t.epoch as "targetEpoch", t.number as "targetNumber", t.policy_id as "policyId", t.policy_version as "policyVersion", case when t.device_id is not null then ${targetStatusColumn} end as "targetStatus", page.place`;

function targetOf({ targetEpoch, targetNumber, policyId, policyVersion, targetStatus }: Row): Device['target'] {
  if (targetEpoch === null || targetNumber === null || policyId === null || policyVersion === null || targetStatus === null) return null;
  return { version: { epoch: targetEpoch, number: targetNumber }, policy: { id: policyId, version: policyVersion }, status: targetStatus };
}

function deviceOf(row: Row): Device {
  const {
    siteId,
    siteName,
    targetEpoch: _epoch,
    targetNumber: _number,
    policyId: _policy,
    policyVersion: _version,
    targetStatus: _status,
    place: _place,
    ...shown
  } = row;
  const site = siteId !== null && siteName !== null ? { id: siteId, name: siteName } : null;
  return { ...shown, site, lastSeen: row.lastSeen?.toISOString() ?? null, target: targetOf(row) };
}

const placeValue = (value: Row['place']): Place[1] => (value instanceof Date ? value.toISOString() : value);

/** Lists of a large fleet: no count, no offset, one index walk a page. */
export class DeviceListRepository {
  readonly #database: Pick<Database, 'pool'>;

  constructor(database: Pick<Database, 'pool'>) {
    this.#database = database;
  }

  /** @param conditionOf the filter, given where a walk by id begins */
  async list(
    tenantId: string,
    conditionOf: (beyond: Sql | null) => Sql,
    { sort, cursor, limit }: Omit<DeviceQuery, 'filter'>,
  ): Promise<Page<Device>> {
    const after = decodeCursor(placeSchema, cursor);
    if (after && !placeFits(sort, after)) {
      throw refusal('cursor.invalid', 'this cursor belongs to another sort', [
        { path: 'cursor', message: 'keep filter and sort from page to page' },
      ]);
    }
    const condition = conditionOf(beyondId(sort, after));
    const rows = await this.#rows({ tenantId, condition, sort, after, limit: limit + 1 });
    return pageOf(rows, limit, { item: deviceOf, place: (row) => [sort, placeValue(row.place), row.id] });
  }

  async #rows(request: PageRequest): Promise<Row[]> {
    const valued = await this.#part(request, valuedPart(request), partOrder(request.sort));
    const missing = request.limit - valued.length;
    if (missing === 0) return valued;
    return [...valued, ...(await this.#part(request, unvaluedPart({ ...request, limit: missing }), sql`page.id`))];
  }

  async #part({ tenantId }: PageRequest, part: Sql | null, order: Sql): Promise<Row[]> {
    if (!part) return [];
    const query = sql`select ${shownColumns} from (${part}) page
      join device d on d.tenant_id = ${tenantId} and d.id = page.id
      left join site s on s.tenant_id = d.tenant_id and s.id = d.site_id
      left join target t on t.tenant_id = d.tenant_id and t.device_id = d.id
      order by ${order}`;
    const { rows } = await this.#database.pool.query(renderSql(query));
    return rowsSchema.parse(rows);
  }
}
