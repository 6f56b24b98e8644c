import * as z from 'zod/mini';
import { codeSchema, deviceTimeSchema, evidenceSchema } from '../scalars.ts';
import { reportEnvelope } from './report.ts';

export const severitySchema = z.enum(['info', 'warning', 'error']);

export const deviceEventSchema = z.object({
  at: deviceTimeSchema,
  code: codeSchema,
  severity: severitySchema,
  modem: z.nullable(z.string().check(z.maxLength(80))),
  evidence: evidenceSchema,
});
export type DeviceEvent = z.infer<typeof deviceEventSchema>;

/** What happened on the device, kept until acknowledged. */
export const eventSchema = z.object({
  ...reportEnvelope,
  events: z.array(deviceEventSchema).check(z.minLength(1), z.maxLength(50)),
});
export type EventReport = z.infer<typeof eventSchema>;
