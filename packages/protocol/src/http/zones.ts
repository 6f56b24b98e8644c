import * as z from 'zod';

/** A name of the IANA time zone database as this runtime knows it; offsets such as `+02:00` know no summer time and are refused. */
function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const zoneSchema = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_+/-]*$/, 'must be the name of a time zone, such as Europe/Berlin')
  .refine(isZone, 'is no time zone that is known here: use a name such as Europe/Berlin');

/** Which time zone counts for a device, and what said so; `default` is UTC, because nobody said anything. */
export const effectiveZoneSchema = z
  .object({ name: z.string(), from: z.enum(['device', 'site', 'tenant', 'default']) })
  .meta({ id: 'EffectiveZone' });
export type EffectiveZone = z.infer<typeof effectiveZoneSchema>;

export const zonesSchema = z
  .object({
    zones: z.array(z.string()),
    /** Edition of the time zone database in use, such as `2026a`. */
    edition: z.string(),
  })
  .meta({ id: 'Zones' });

export const tenantSettingsSchema = z.object({ zone: z.string().nullable() }).meta({ id: 'TenantSettings' });
export type TenantSettings = z.infer<typeof tenantSettingsSchema>;
export const updateTenantSettingsSchema = z.strictObject({ zone: zoneSchema.nullable() }).meta({ id: 'UpdateTenantSettings' });
export type UpdateTenantSettings = z.infer<typeof updateTenantSettingsSchema>;
