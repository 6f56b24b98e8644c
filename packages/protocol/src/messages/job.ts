import * as z from 'zod/mini';
import { dataModeSchema, faultReportSchema } from '../scalars.ts';
import { reportEnvelope } from './report.ts';

const modem = z.optional(z.string().check(z.maxLength(80)));

/**
 * A question to a modem: read (`AT+CREG?`), test (`AT+CGDCONT=?`) or a bare word (`AT+CSQ`). No value, no quote and no second command can
 * be written so. The device has a list of its own of what it asks, and refuses the rest.
 */
export const atQuestionSchema = z
  .string()
  .check(z.regex(/^AT(I\d?|[+^!#$%*][A-Z0-9]{1,24}(\?|=\?)?)$/, 'must be a question such as AT+CREG?, AT+CGDCONT=? or AT+CSQ'));

/** What a job may order. `modem` names one; without it the device's first modem is meant. */
export const jobOrderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dial'), modem }),
  /** Cuts the bearer; the device dials again by itself after `redialAfterS` seconds. */
  z.object({ kind: z.literal('hang-up'), modem, redialAfterS: z.int().check(z.minimum(5), z.maximum(86_400)) }),
  z.object({ kind: z.literal('reset-modem'), modem }),
  /** Reads everything anew and reports it. */
  z.object({ kind: z.literal('refresh'), modem }),
  /** Looks for networks: takes minutes, and the bearer may be down meanwhile. */
  z.object({ kind: z.literal('scan'), modem }),
  z.object({ kind: z.literal('ask-modem'), modem, command: atQuestionSchema }),
  /** To another data mode, by a change with its own way back; only where the rule leaves the data mode open. */
  z.object({ kind: z.literal('switch-mode'), modem, dataMode: dataModeSchema }),
  /** Restarts the gateway, where its configuration allows that. */
  z.object({ kind: z.literal('reboot') }),
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

const lines = z.array(z.string().check(z.maxLength(256))).check(z.maxLength(64));

/** What a job found out. */
export const jobResultSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), lines]));
export type JobResult = z.infer<typeof jobResultSchema>;

/** Progress (0 to 100) or end of a job. */
export const jobReportSchema = z.object({
  ...reportEnvelope,
  id: z.uuid(),
  state: jobReportStateSchema,
  progress: z.int().check(z.minimum(0), z.maximum(100)),
  fault: z.nullable(faultReportSchema),
  result: z.nullable(jobResultSchema),
  /** It had ended before it was ordered this time, and is not done twice: its end is said once more. */
  repeated: z.optional(z.literal(true)),
});
export type JobReport = z.infer<typeof jobReportSchema>;
