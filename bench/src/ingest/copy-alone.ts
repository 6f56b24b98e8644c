import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** As large as the largest batch of ingest. */
const rowsPerCopy = 5000;
const devices = 500;
const columns =
  'tenant_id, device_id, at, epoch, sequence, index, modem, clock, device_time, received_at, rssi_dbm, rsrp_dbm, rsrq_db, sinr_db, temperature_c, rx_bytes, tx_bytes';

function rows(first: number): string {
  const at = new Date().toISOString();
  const lines = Array.from({ length: rowsPerCopy }, (_, index) => {
    const sequence = first + index;
    const device = `copy${String(sequence % devices).padStart(6, '0')}`;
    const metrics = `-67\t${-97 - (sequence % 10)}\t-11.5\t13\t41\t${sequence * 1000}\t${sequence * 400}`;
    return `main\t${device}\t${at}\tcopyonly\t${sequence}\t0\tmodem0\tright\t${at}\t${at}\t${metrics}\n`;
  });
  return lines.join('');
}

/**
 * Rows a second that COPY alone writes into the real telemetry table, over one connection, each COPY committed by itself. Making the text
 * does not count.
 * @param first sequence of the first row: rows of an earlier round must not be met again
 */
export async function copyAlone(databaseUrl: string, { measureMs, first }: { measureMs: number; first: number }): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const copy = async (from: number) => {
    const text = rows(from);
    const began = performance.now();
    await pipeline(Readable.from([text]), client.query(copyFrom(`copy telemetry (${columns}) from stdin`)));
    return performance.now() - began;
  };
  await copy(first);
  let written = 0;
  let tookMs = 0;
  while (tookMs < measureMs) {
    written += rowsPerCopy;
    tookMs += await copy(first + written);
  }
  await client.end();
  return written / (tookMs / 1000);
}
