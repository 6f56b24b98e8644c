import { channels, jobOrderSchema, targetDocumentSchema, targetVersionSchema } from '@towline/protocol';
import * as z from 'zod/mini';

const envelope = { epoch: true, sequence: true, base: true, sentAt: true } as const;
const count = z.int().check(z.minimum(0));

/** The device's own credential and, once enrolled, its name and broker. */
export const identitySchema = z.object({
  secret: z.string().check(z.minLength(32)),
  enrolled: z.nullable(z.object({ tenant: z.string(), device: z.string(), mqttUrl: z.string() })),
});
export type StoredIdentity = z.infer<typeof identitySchema>;

/** The target as it was accepted. Sealed: it holds passwords and PINs. */
export const heldTargetSchema = z.object({ version: targetVersionSchema, digest: z.string(), document: targetDocumentSchema });
export type HeldTarget = z.infer<typeof heldTargetSchema>;

const keptReportSchema = z.discriminatedUnion('channel', [
  z.object({ channel: z.literal('event'), body: z.omit(channels.up.event.schema, envelope) }),
  z.object({ channel: z.literal('job'), body: z.omit(channels.up.job.schema, envelope) }),
]);

/** The report stream: see docs/adr/0003-where-reports-live.md. */
export const streamSchema = z.object({
  /** Grows by one with each start of the process: connection numbers are counted within it. */
  starts: z.int().check(z.minimum(1)),
  epoch: z.string().check(z.regex(/^[0-9a-z]{8}$/)),
  reservedThrough: count,
  kept: z.array(z.object({ sequence: z.int().check(z.minimum(1)), report: keptReportSchema })),
  lost: z.object({ state: z.optional(count), telemetry: z.optional(count), event: z.optional(count), job: z.optional(count) }),
});
export type StoredStream = z.infer<typeof streamSchema>;

const endedSchema = z.object({
  id: z.string(),
  state: z.enum(['succeeded', 'failed', 'rejected', 'expired', 'cancelled']),
  fault: z.nullable(z.object({ code: z.string(), evidence: z.array(z.string()) })),
});

export const jobsSchema = z.object({
  running: z.nullable(z.object({ id: z.string(), order: jobOrderSchema, boot: z.optional(z.string()) })),
  ended: z.array(endedSchema),
});

/** The last restart of the host that the agent ordered: in which boot, and how many seconds that had lasted. */
export const hostRebootSchema = z.object({ bootId: z.string(), uptimeS: z.number().check(z.minimum(0)) });
export type HostReboot = z.infer<typeof hostRebootSchema>;

/** The highest counter of an order by SMS that was followed. */
export const smsCounterSchema = z.object({ counter: count });

export const pinTriesSchema = z.array(
  z.object({ iccid: z.string(), pinHash: z.string(), triesLeft: z.int(), outcome: z.enum(['pending', 'accepted', 'refused']) }),
);
