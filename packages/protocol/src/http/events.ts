import * as z from 'zod';
import { severitySchema } from '../messages/event.ts';
import { codeSchema, deviceIdSchema } from '../scalars.ts';
import { pageQuery, pageSchema, timeSchema } from './page.ts';

export const eventSchema = z
  .object({
    id: z.string(),
    device: z.string().nullable(),
    code: z.string(),
    severity: severitySchema,
    modem: z.string().nullable(),
    evidence: z.array(z.string()),
    at: timeSchema,
    deviceTime: timeSchema.nullable(),
    clock: z.string(),
    receivedAt: timeSchema,
  })
  .meta({ id: 'Event' });
export type EventItem = z.infer<typeof eventSchema>;
export const eventPageSchema = pageSchema(eventSchema, 'EventPage');

/** Newest first, by arrival. */
export const eventQuerySchema = z.strictObject({ ...pageQuery, device: z.optional(deviceIdSchema), code: z.optional(codeSchema) });
export type EventQuery = z.infer<typeof eventQuerySchema>;

export const streamQuerySchema = z.strictObject({ device: z.optional(deviceIdSchema) });
export type StreamQuery = z.infer<typeof streamQuerySchema>;

/** Data of one server-sent event; its kind is the event's name. `dropped` counts what a slow reader missed. */
export const streamChangeSchema = z
  .object({ kind: z.enum(['device', 'target', 'job', 'event', 'rollout']), id: z.string(), device: z.string().nullable() })
  .meta({ id: 'StreamChange' });
export type StreamChange = z.infer<typeof streamChangeSchema>;
export const streamDroppedSchema = z.object({ count: z.int() }).meta({ id: 'StreamDropped' });
