import { type TelemetryColumn, type TelemetryReport, telemetryColumns } from '@towline/protocol';
import { type ClockVerdict, placeInTime } from './place-in-time.ts';
import type { ReportMessage } from './read-message.ts';

type TelemetryMessage = Extract<ReportMessage, { kind: 'telemetry' }>;

/** Samples of many reports by column, as they go to the database. Times in Unix milliseconds. */
export interface TelemetryRows {
  readonly tenant: string[];
  readonly device: string[];
  readonly at: number[];
  readonly epoch: string[];
  readonly sequence: number[];
  readonly index: number[];
  readonly modem: string[];
  readonly clock: ClockVerdict[];
  readonly deviceTime: number[];
  readonly receivedAt: number[];
  readonly metrics: Record<TelemetryColumn, (number | null)[]>;
}

export function emptyTelemetryRows(): TelemetryRows {
  const metrics = { rssiDbm: [], rsrpDbm: [], rsrqDb: [], sinrDb: [], temperatureC: [], rxBytes: [], txBytes: [] };
  return {
    tenant: [],
    device: [],
    at: [],
    epoch: [],
    sequence: [],
    index: [],
    modem: [],
    clock: [],
    deviceTime: [],
    receivedAt: [],
    metrics,
  };
}

/** Adds every sample of a report, placed in time. */
export function appendTelemetry(rows: TelemetryRows, { address, report, receivedAt }: TelemetryMessage, retentionMs: number): void {
  for (const [index, deviceAt] of report.at.entries()) {
    const { at, clock } = placeInTime({ deviceAt, sentAt: report.sentAt, receivedAt }, retentionMs);
    rows.tenant.push(address.tenant);
    rows.device.push(address.device);
    rows.at.push(at);
    rows.epoch.push(report.epoch);
    rows.sequence.push(report.sequence);
    rows.index.push(index);
    rows.modem.push(report.modem);
    rows.clock.push(clock);
    rows.deviceTime.push(deviceAt);
    rows.receivedAt.push(receivedAt);
    for (const name of telemetryColumns) rows.metrics[name].push(report[name]?.[index] ?? null);
  }
}

/** Older than this, a sample tells nothing of the signal now: a backlog must not overwrite what a state just said. */
const freshMs = 10 * 60_000;

/** dBm of the newest sample (RSRP, else RSSI), or null when it is old or has none. */
export function currentSignal({ report, receivedAt }: { report: TelemetryReport; receivedAt: number }): number | null {
  const last = report.at.length - 1;
  const deviceAt = report.at[last] ?? 0;
  if (report.sentAt - deviceAt > freshMs || deviceAt > report.sentAt) return null;
  // A report that waited on the way with a right clock shows by its sending time.
  const waited = receivedAt - report.sentAt;
  if (waited > freshMs && waited < 24 * 60 * 60_000) return null;
  return report.rsrpDbm?.[last] ?? report.rssiDbm?.[last] ?? null;
}
