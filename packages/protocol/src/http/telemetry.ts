import * as z from 'zod';
import { telemetryColumns } from '../messages/telemetry.ts';
import { momentSchema, pageQuery, pageSchema, timeSchema } from './page.ts';

const value = z.number().nullable();

export const sampleSchema = z
  .object({
    at: timeSchema,
    modem: z.string(),
    /** `right`, `skewed` (corrected by the clock's error) or `unplaced` (stands at its arrival). */
    clock: z.string(),
    deviceTime: timeSchema,
    rssiDbm: value,
    rsrpDbm: value,
    rsrqDb: value,
    sinrDb: value,
    temperatureC: value,
    rxBytes: value,
    txBytes: value,
  })
  .meta({ id: 'Sample' });
export type Sample = z.infer<typeof sampleSchema>;
export const samplePageSchema = pageSchema(sampleSchema, 'SamplePage');
/** The newest sample of each modem. */
export const latestSamplesSchema = z.object({ items: z.array(sampleSchema) }).meta({ id: 'LatestSamples' });

const modem = z.string().min(1).max(80).optional();

/** Newest first. Without bounds: the 24 hours before now. */
export const sampleQuerySchema = z.strictObject({ ...pageQuery, modem, from: momentSchema.optional(), to: momentSchema.optional() });
export type SampleQuery = z.infer<typeof sampleQuerySchema>;

export const telemetryColumnSchema = z.enum(telemetryColumns);
export const maxSeriesPoints = 1000;
export const maxSeriesDays = 366;

/** `points` buckets over the span, or buckets of `bucketS` seconds; at most 1000 of them, over at most 366 days. */
export const seriesQuerySchema = z
  .strictObject({
    column: telemetryColumnSchema,
    modem,
    from: momentSchema.optional(),
    to: momentSchema.optional(),
    points: z.coerce.number().int().min(1).max(maxSeriesPoints).optional(),
    bucketS: z.coerce.number().int().min(1).max(86_400).optional(),
  })
  .refine((query) => query.points === undefined || query.bucketS === undefined, {
    path: ['points'],
    message: 'give either points or bucketS',
  });
export type SeriesQuery = z.infer<typeof seriesQuerySchema>;

export const seriesSchema = z
  .object({
    column: telemetryColumnSchema,
    from: timeSchema,
    to: timeSchema,
    bucketS: z.number(),
    points: z.array(
      z
        .object({ at: timeSchema, modem: z.string(), avg: z.number(), min: z.number(), max: z.number(), count: z.int() })
        .meta({ id: 'SeriesPoint' }),
    ),
  })
  .meta({ id: 'Series' });
export type Series = z.infer<typeof seriesSchema>;
