import { type TelemetryColumn, telemetryColumns } from '@towline/protocol';
import type { ReportBody } from './reports/report.ts';

/** One sample of one modem. `at` is the device's wall clock, Unix milliseconds. */
export type Sample = { readonly at: number } & { readonly [Column in TelemetryColumn]?: number | null };

/** Samples that wait to be sent together. */
export interface TelemetryBatch {
  readonly modem: string;
  readonly samples: readonly Sample[];
}

/** The protocol's bound of one report. */
const maxSamples = 288;

const known = (value: number | null | undefined): value is number => typeof value === 'number' && Number.isFinite(value);

function columnOf(samples: readonly Sample[], name: TelemetryColumn): (number | null)[] | null {
  const values = samples.map((sample) => {
    const value = sample[name];
    return known(value) ? value : null;
  });
  return values.some((value) => value !== null) ? values : null;
}

/** The report of a batch, by column; null when it is empty. Columns without any value are left out: names cost bytes. */
export function telemetryReport({ modem, samples }: TelemetryBatch): ReportBody | null {
  if (samples.length === 0) return null;
  const columns = telemetryColumns.flatMap((name) => {
    const values = columnOf(samples, name);
    return values ? [[name, values] as const] : [];
  });
  return { channel: 'telemetry', body: { modem, at: samples.map(({ at }) => at), ...Object.fromEntries(columns) } };
}

/** Adds a sample; `full` tells that the batch is due. */
export function withSample(
  batch: TelemetryBatch,
  sample: Sample,
  size: number,
): { readonly batch: TelemetryBatch; readonly full: boolean } {
  const samples = [...batch.samples, sample];
  return { batch: { ...batch, samples }, full: samples.length >= Math.min(size, maxSamples) };
}
