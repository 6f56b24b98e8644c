import * as z from 'zod/mini';
import { faultReportSchema } from '../scalars.ts';
import { reportEnvelope } from './report.ts';

const modem = z.optional(z.string().check(z.maxLength(80)));

/** What a job may order. `modem` names one; without it the device's first modem is meant. */
export const jobOrderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dial'), modem }),
  /** Cuts the bearer; the device dials again by itself after `redialAfterS` seconds. */
  z.object({ kind: z.literal('hang-up'), modem, redialAfterS: z.int().check(z.minimum(5), z.maximum(86_400)) }),
  z.object({ kind: z.literal('reset-modem'), modem }),
  /** Reads everything anew and reports it. */
  z.object({ kind: z.literal('refresh'), modem }),
]);
export type JobOrder = z.infer<typeof jobOrderSchema>;
export type JobKind = JobOrder['kind'];

/** One order to one device, or the wish to take it back. Handled once per id, however often it arrives. */
export const jobDownSchema = z.discriminatedUnion('action', [
  z.object({
    action: z.literal('start'),
    id: z.uuid(),
    /** Seconds left to start it, counted from its arrival: never the device's wall clock. */
    ttlS: z.int().check(z.minimum(1), z.maximum(604_800)),
    order: jobOrderSchema,
  }),
  z.object({ action: z.literal('cancel'), id: z.uuid() }),
]);
export type JobDown = z.infer<typeof jobDownSchema>;

/** States a device may report; after one of the last five nothing more is said of a job. */
export const jobReportStateSchema = z.enum(['accepted', 'running', 'succeeded', 'failed', 'rejected', 'expired', 'cancelled']);

/** Progress (0 to 100) or end of a job. */
export const jobReportSchema = z.object({
  ...reportEnvelope,
  id: z.uuid(),
  state: jobReportStateSchema,
  progress: z.int().check(z.minimum(0), z.maximum(100)),
  fault: z.nullable(faultReportSchema),
  result: z.nullable(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});
export type JobReport = z.infer<typeof jobReportSchema>;
