import * as z from 'zod';
import { jobOrderSchema } from '../messages/job.ts';
import { deviceIdSchema, faultReportSchema } from '../scalars.ts';
import { pageQuery, pageSchema, timeSchema } from './page.ts';

export const jobStateSchema = z.enum(['queued', 'accepted', 'running', 'succeeded', 'failed', 'rejected', 'cancelled', 'expired']);
export type JobState = z.infer<typeof jobStateSchema>;

const [dial, hangUp, resetModem, refresh] = jobOrderSchema._zod.def.options;

/** The same orders as the device knows, unknown members refused. */
export const orderSchema = z
  .discriminatedUnion('kind', [
    z.strictObject(dial.shape),
    z.strictObject(hangUp.shape),
    z.strictObject(resetModem.shape),
    z.strictObject(refresh.shape),
  ])
  .meta({ id: 'JobOrder' });

/** A job sent again with its own `id` is created once. `force`: although the device's site is on hold, by whoever may. */
export const createJobSchema = z
  .strictObject({
    id: z.uuid().optional(),
    device: deviceIdSchema,
    order: orderSchema,
    ttlS: z.int().min(10).max(604_800).default(600),
    force: z.boolean().default(false),
  })
  .meta({ id: 'CreateJob' });
export type CreateJob = z.infer<typeof createJobSchema>;

export const jobSchema = z
  .object({
    id: z.uuid(),
    device: z.string(),
    order: jobOrderSchema,
    state: jobStateSchema,
    progress: z.int(),
    result: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
    fault: z.nullable(faultReportSchema),
    cancelRequested: z.boolean(),
    createdAt: timeSchema,
    createdBy: z.uuid(),
    expiresAt: timeSchema,
    updatedAt: timeSchema,
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof jobSchema>;
export const jobPageSchema = pageSchema(jobSchema, 'JobPage');

export const jobQuerySchema = z.strictObject({ ...pageQuery, device: z.optional(deviceIdSchema), state: jobStateSchema.optional() });
export type JobQuery = z.infer<typeof jobQuerySchema>;
