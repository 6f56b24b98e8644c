import * as z from 'zod/mini';
import { deviceTimeSchema } from '../scalars.ts';
import { reportEnvelope } from './report.ts';

const maxSamples = 288;
const column = (value: z.ZodMiniType<number>) => z.optional(z.array(z.nullable(value)).check(z.maxLength(maxSamples)));
const decibel = z.number().check(z.minimum(-200), z.maximum(100));
const counter = z.int().check(z.minimum(0));

/** Columns of a telemetry report, in the order of the samples; a column without any value is left out. */
export const telemetryColumns = ['rssiDbm', 'rsrpDbm', 'rsrqDb', 'sinrDb', 'temperatureC', 'rxBytes', 'txBytes'] as const;
export type TelemetryColumn = (typeof telemetryColumns)[number];

/** Samples of one modem, by column, so that names are paid for once a batch. */
export const telemetrySchema = z
  .object({
    ...reportEnvelope,
    modem: z.string().check(z.maxLength(80)),
    /** Device clock at each sample, Unix milliseconds. */
    at: z.array(deviceTimeSchema).check(z.minLength(1), z.maxLength(maxSamples)),
    /** dBm. */
    rssiDbm: column(decibel),
    rsrpDbm: column(decibel),
    /** dB. */
    rsrqDb: column(decibel),
    sinrDb: column(decibel),
    temperatureC: column(z.number().check(z.minimum(-100), z.maximum(300))),
    /** Bytes on the bearer since it came up. */
    rxBytes: column(counter),
    txBytes: column(counter),
  })
  .check(
    z.refine(
      (report) => telemetryColumns.every((name) => report[name] === undefined || report[name].length === report.at.length),
      'every column needs one value, or null, for each member of at',
    ),
  );
export type TelemetryReport = z.infer<typeof telemetrySchema>;
