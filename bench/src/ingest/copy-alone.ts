import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

const rowsPerCopy = 1000;

/** One COPY of telemetry rows, as fast as Postgres takes them: each commits on its own. */
async function copyOnce(client: Client, first: number): Promise<void> {
  const at = new Date().toISOString();
  const lines = Array.from(
    { length: rowsPerCopy },
    (_, index) =>
      `main\tcopy${first % 200}\t${at}\tcopyonly\t${first + index}\t0\tmain\tright\t${at}\t${at}\t-67\t-97\t-11.5\t13\t41\t${first * 1000}\t${first * 400}\n`,
  );
  const columns =
    'tenant_id, device_id, at, epoch, sequence, index, modem, clock, device_time, received_at, rssi_dbm, rsrp_dbm, rsrq_db, sinr_db, temperature_c, rx_bytes, tx_bytes';
  await pipeline(Readable.from(lines.join('')), client.query(copyFrom(`copy telemetry (${columns}) from stdin`)));
}

/** Rows a second that COPY alone writes into the real telemetry table, over one connection. */
export async function copyAlone(databaseUrl: string, measureMs: number): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  let rows = 0;
  await copyOnce(client, rows + 1);
  const from = performance.now();
  while (performance.now() - from < measureMs) {
    rows += rowsPerCopy;
    await copyOnce(client, rows + 1);
  }
  const seconds = (performance.now() - from) / 1000;
  await client.end();
  return rows / seconds;
}
