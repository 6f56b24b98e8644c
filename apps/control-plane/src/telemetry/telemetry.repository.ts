import type { TelemetryColumn } from '@towline/protocol';
import type { Page, Sample, SampleQuery, Series } from '@towline/protocol/http';
import * as z from 'zod';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database } from '../platform/database.ts';
import { allOf, renderSql, type Sql, sql } from '../platform/sql.ts';
import type { Span } from './series-bounds.ts';

const value = z.number().nullable();
/** pg gives bigint as text; byte counts stay below 2^53. */
const counter = z.string().transform(Number).nullable();

const rowSchema = z.object({
  at: z.date(),
  modem: z.string(),
  clock: z.string(),
  deviceTime: z.date(),
  rssiDbm: value,
  rsrpDbm: value,
  rsrqDb: value,
  sinrDb: value,
  temperatureC: value,
  rxBytes: counter,
  txBytes: counter,
  epoch: z.string(),
  sequence: z.string(),
  index: z.int(),
});
type Row = z.infer<typeof rowSchema>;
const rowsSchema = z.array(rowSchema);

const columns = sql`at, modem, clock, device_time as "deviceTime", rssi_dbm as "rssiDbm", rsrp_dbm as "rsrpDbm", rsrq_db as "rsrqDb", sinr_db as "sinrDb",
  temperature_c as "temperatureC", rx_bytes as "rxBytes", tx_bytes as "txBytes", epoch, sequence, index`;

const seriesColumns: Readonly<Record<TelemetryColumn, Sql>> = {
  rssiDbm: sql`rssi_dbm`,
  rsrpDbm: sql`rsrp_dbm`,
  rsrqDb: sql`rsrq_db`,
  sinrDb: sql`sinr_db`,
  temperatureC: sql`temperature_c`,
  rxBytes: sql`rx_bytes`,
  txBytes: sql`tx_bytes`,
};

const placeSchema = z.tuple([
  z.iso.datetime(),
  z.string().regex(/^[0-9a-z]{8}$/),
  z.string().regex(/^\d{1,18}$/),
  z.int().min(0).max(32_767),
]);
const pointsSchema = z.array(
  z.object({ at: z.date(), modem: z.string(), avg: z.number(), min: z.number(), max: z.number(), count: z.int() }),
);

function sampleOf({ epoch: _epoch, sequence: _sequence, index: _index, ...row }: Row): Sample {
  return { ...row, at: row.at.toISOString(), deviceTime: row.deviceTime.toISOString() };
}

export interface DeviceKey {
  readonly tenantId: string;
  readonly deviceId: string;
}

/** How far back the newest sample of each modem is looked for, in samples. */
const latestDepth = 500;

export class TelemetryRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async deviceExists({ tenantId, deviceId }: DeviceKey): Promise<boolean> {
    return (await this.#database.prisma.device.count({ where: { tenantId, id: deviceId } })) > 0;
  }

  async latest({ tenantId, deviceId }: DeviceKey): Promise<Sample[]> {
    const rows = await this.#rows(sql`select distinct on (modem) * from (
        select ${columns} from telemetry where tenant_id = ${tenantId} and device_id = ${deviceId}
        order by at desc, epoch desc, sequence desc, index desc limit ${latestDepth}) newest
      order by modem, at desc`);
    return rows.map(sampleOf);
  }

  async range({ tenantId, deviceId }: DeviceKey, span: Span, { modem, cursor, limit }: SampleQuery): Promise<Page<Sample>> {
    const place = decodeCursor(placeSchema, cursor);
    const where = allOf([
      ...deviceSpan({ tenantId, deviceId }, span),
      ...(modem === undefined ? [] : [sql`modem = ${modem}`]),
      ...(place
        ? [sql`(at, epoch, sequence, index) < (${place[0]}::timestamptz, ${place[1]}, ${place[2]}::bigint, ${place[3]}::smallint)`]
        : []),
    ]);
    const rows = await this.#rows(
      sql`select ${columns} from telemetry where ${where} order by at desc, epoch desc, sequence desc, index desc limit ${limit + 1}`,
    );
    return pageOf(rows, limit, { item: sampleOf, place: (row) => [row.at.toISOString(), row.epoch, row.sequence, row.index] });
  }

  /** Buckets begin at the span's start; one without a value is left out. */
  async series(
    key: DeviceKey,
    span: Span,
    { column, modem, bucketMs }: { column: TelemetryColumn; modem: string | undefined; bucketMs: number },
  ): Promise<Series['points']> {
    const read = sql`${seriesColumns[column]}::float8`;
    const where = allOf([
      ...deviceSpan(key, span),
      sql`${seriesColumns[column]} is not null`,
      ...(modem === undefined ? [] : [sql`modem = ${modem}`]),
    ]);
    const { rows } = await this.#database.pool.query(
      renderSql(sql`select date_bin(make_interval(secs => ${bucketMs / 1000}::float8), at, ${new Date(span.fromMs)}::timestamptz) as at, modem,
          avg(${read}) as avg, min(${read}) as min, max(${read}) as max, count(*)::int as count
        from telemetry where ${where} group by 1, 2 order by 1, 2`),
    );
    return pointsSchema.parse(rows).map((point) => ({ ...point, at: point.at.toISOString() }));
  }

  async #rows(query: Sql): Promise<Row[]> {
    const { rows } = await this.#database.pool.query(renderSql(query));
    return rowsSchema.parse(rows);
  }
}

function deviceSpan({ tenantId, deviceId }: DeviceKey, { fromMs, toMs }: Span): Sql[] {
  return [
    sql`tenant_id = ${tenantId}`,
    sql`device_id = ${deviceId}`,
    sql`at >= ${new Date(fromMs)}::timestamptz`,
    sql`at < ${new Date(toMs)}::timestamptz`,
  ];
}
