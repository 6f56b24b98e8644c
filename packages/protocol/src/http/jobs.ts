import * as z from 'zod';
import { atQuestionSchema, jobOrderSchema, jobResultSchema } from '../messages/job.ts';
import { deviceIdSchema, faultReportSchema } from '../scalars.ts';
import { pageQuery, pageSchema, timeSchema } from './page.ts';

export const jobStateSchema = z.enum(['queued', 'accepted', 'running', 'succeeded', 'failed', 'rejected', 'cancelled', 'expired']);
export type JobState = z.infer<typeof jobStateSchema>;

const [dial, hangUp, resetModem, refresh, scan, askModem, switchMode] = jobOrderSchema._zod.def.options;

/** The same orders as the device knows, unknown members refused. */
export const orderSchema = z
  .discriminatedUnion('kind', [
    z.strictObject(dial.shape),
    z.strictObject(hangUp.shape),
    z.strictObject(resetModem.shape),
    z.strictObject(refresh.shape),
    z.strictObject(scan.shape),
    z.strictObject(askModem.shape),
    z.strictObject(switchMode.shape),
    z.strictObject({ kind: z.literal('reboot') }),
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
    result: z.nullable(jobResultSchema),
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

/** What may be asked of modems: `forAll` by anybody who may order jobs anywhere, `added` by those of this tenant. */
export const atQuestionsSchema = z.object({ forAll: z.array(z.string()), added: z.array(z.string()) }).meta({ id: 'AtQuestions' });
export type AtQuestions = z.infer<typeof atQuestionsSchema>;
export const updateAtQuestionsSchema = z
  .strictObject({
    added: z
      .array(atQuestionSchema)
      .max(200)
      .overwrite((added) => [...new Set(added)].sort()),
  })
  .meta({ id: 'UpdateAtQuestions' });
export type UpdateAtQuestions = z.infer<typeof updateAtQuestionsSchema>;

export const jobQuerySchema = z.strictObject({ ...pageQuery, device: z.optional(deviceIdSchema), state: jobStateSchema.optional() });
export type JobQuery = z.infer<typeof jobQuerySchema>;
