import { telemetryColumns } from '@towline/protocol';
import type pg from 'pg';
import { numbersLiteral, wordsLiteral } from './array-literals.ts';
import type { TelemetryRows } from './telemetry-rows.ts';

/**
 * The streams, locked by this transaction, guard against a report that is there already, and the primary key refuses it: `on conflict do
 * nothing` would make the row two thirds dearer.
 */
const insertSql = `insert into telemetry (tenant_id, device_id, at, epoch, sequence, index, modem, clock, device_time, received_at,
    rssi_dbm, rsrp_dbm, rsrq_db, sinr_db, temperature_c, rx_bytes, tx_bytes)
  select tenant, device, to_timestamp(at / 1000), epoch, sequence, index, modem, clock, to_timestamp(device_time / 1000),
         to_timestamp(received_at / 1000), rssi, rsrp, rsrq, sinr, temperature, rx, tx
    from unnest($1::text[], $2::text[], $3::float8[], $4::text[], $5::bigint[], $6::int2[], $7::text[], $8::text[], $9::float8[],
                $10::float8[], $11::real[], $12::real[], $13::real[], $14::real[], $15::real[], $16::bigint[], $17::bigint[])
      as s (tenant, device, at, epoch, sequence, index, modem, clock, device_time, received_at, rssi, rsrp, rsrq, sinr, temperature, rx, tx)`;

/** Writes every sample in one statement; each goes to the partition of its day. */
export async function insertTelemetry(client: pg.ClientBase, rows: TelemetryRows): Promise<void> {
  if (rows.at.length === 0) return;
  await client.query({
    name: 'telemetry-insert',
    text: insertSql,
    values: [
      wordsLiteral(rows.tenant),
      wordsLiteral(rows.device),
      numbersLiteral(rows.at),
      wordsLiteral(rows.epoch),
      numbersLiteral(rows.sequence),
      numbersLiteral(rows.index),
      rows.modem,
      wordsLiteral(rows.clock),
      numbersLiteral(rows.deviceTime),
      numbersLiteral(rows.receivedAt),
      ...telemetryColumns.map((name) => numbersLiteral(rows.metrics[name])),
    ],
  });
}
