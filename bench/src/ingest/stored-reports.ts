import { Client } from 'pg';

/** What is in the telemetry table of one load. */
export interface StoredReports {
  readonly rows: number;
  /** Different (device, sequence). */
  readonly reports: number;
}

/** @param epoch of the load's streams */
export async function countStored(databaseUrl: string, epoch: string): Promise<StoredReports> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ rows: string; reports: string }>(
    `select sum(copies) as rows, count(*) as reports
       from (select count(*) as copies from telemetry where epoch = $1 group by device_id, sequence) as report`,
    [epoch],
  );
  await client.end();
  return { rows: Number(rows[0]?.rows ?? 0), reports: Number(rows[0]?.reports ?? 0) };
}
