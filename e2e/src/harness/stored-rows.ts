import type { Client } from 'pg';
import type { StoredRow } from '../history/history.ts';
import { markCode } from './light-device.ts';

interface TelemetryRow {
  readonly device: string;
  readonly epoch: string;
  readonly sequence: string;
  readonly index: number;
}

interface EventRow {
  readonly device: string;
  readonly evidence: readonly string[];
}

/** Every row that came of reports of `devices`: samples, and the events that name their report. */
export async function storedRows(client: Client, devices: readonly string[]): Promise<StoredRow[]> {
  const telemetry = await client.query<TelemetryRow>(
    'select device_id as device, epoch, sequence, index from telemetry where device_id = any($1)',
    [devices],
  );
  const events = await client.query<EventRow>('select device_id as device, evidence from event where code = $1 and device_id = any($2)', [
    markCode,
    devices,
  ]);
  return [
    ...telemetry.rows.map(({ device, epoch, sequence, index }) => ({ device, epoch, sequence: Number(sequence), index })),
    ...events.rows.map(({ device, evidence: [epoch = '', sequence = '0'] }) => ({ device, epoch, sequence: Number(sequence), index: 0 })),
  ];
}
