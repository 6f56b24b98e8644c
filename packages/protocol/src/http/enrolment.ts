import * as z from 'zod';
import { deviceIdSchema, tenantIdSchema } from '../scalars.ts';
import { nameSchema, pageSchema, tagsSchema, timeSchema } from './page.ts';

const fingerprintText = z
  .string()
  .max(64)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII');

/**
 * A device asks for an identity. It made `secret` itself and keeps it: 32 random bytes in base64url. Asking again with the same
 * secret gives the same device, so a crash between question and answer makes no second one.
 */
export const enrolSchema = z
  .strictObject({
    claimToken: z.string().min(8).max(200),
    secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 random bytes in base64url'),
    name: nameSchema.optional(),
    fingerprint: z.strictObject({ boardSerial: fingerprintText.nullable(), imeis: z.array(fingerprintText.max(17)).max(8) }),
  })
  .meta({ id: 'Enrol' });
export type Enrol = z.infer<typeof enrolSchema>;

/** Who the device is now and where its broker listens. */
export const enrolledSchema = z.object({ tenant: tenantIdSchema, device: deviceIdSchema, mqttUrl: z.string() }).meta({ id: 'Enrolled' });
export type Enrolled = z.infer<typeof enrolledSchema>;

/** Lets so many devices enrol, into this site and with these tags. */
export const createClaimTokenSchema = z
  .strictObject({
    label: nameSchema,
    uses: z.int().min(1).max(100_000).default(1),
    expiresInS: z.int().min(60).max(31_536_000).default(86_400),
    site: z.uuid().optional(),
    tags: tagsSchema.default([]),
  })
  .meta({ id: 'CreateClaimToken' });
export type CreateClaimToken = z.infer<typeof createClaimTokenSchema>;

export const claimTokenSchema = z
  .object({
    id: z.uuid(),
    label: z.string(),
    usesLeft: z.int(),
    site: z.uuid().nullable(),
    tags: z.array(z.string()),
    createdAt: timeSchema,
    expiresAt: timeSchema,
    revokedAt: timeSchema.nullable(),
  })
  .meta({ id: 'ClaimToken' });
export type ClaimToken = z.infer<typeof claimTokenSchema>;
export const claimTokenPageSchema = pageSchema(claimTokenSchema, 'ClaimTokenPage');

/** `secret` is shown this once. */
export const createdClaimTokenSchema = claimTokenSchema.extend({ secret: z.string() }).meta({ id: 'CreatedClaimToken' });
export type CreatedClaimToken = z.infer<typeof createdClaimTokenSchema>;
