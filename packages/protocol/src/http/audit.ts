import * as z from 'zod';
import { pageQuery, pageSchema, timeSchema } from './page.ts';

export const auditEntrySchema = z
  .object({
    id: z.string(),
    at: timeSchema,
    /** Operator id, `device:<id>` or `system`. */
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntrySchema>;
export const auditPageSchema = pageSchema(auditEntrySchema, 'AuditPage');
export const auditQuerySchema = z.strictObject({ ...pageQuery, subject: z.string().min(1).max(120).optional() });
export type AuditQuery = z.infer<typeof auditQuerySchema>;

/** A message that no handler could take. The payload is given as text, at most its first 2048 octets. */
export const quarantineEntrySchema = z
  .object({
    id: z.string(),
    device: z.string().nullable(),
    topic: z.string(),
    code: z.string(),
    reason: z.string(),
    payload: z.string(),
    payloadBytes: z.int(),
    receivedAt: timeSchema,
  })
  .meta({ id: 'QuarantineEntry' });
export type QuarantineEntry = z.infer<typeof quarantineEntrySchema>;
export const quarantinePageSchema = pageSchema(quarantineEntrySchema, 'QuarantinePage');
