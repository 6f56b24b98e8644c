import * as z from 'zod';
import { ruleLevelSchema } from '../documents/target.ts';
import { iccidSchema, plmnSchema, simSlotSchema } from '../scalars.ts';
import { versionRefSchema } from './page.ts';
import { shownProfileSchema } from './profiles.ts';

const imsiSchema = z.string().regex(/^\d{6,15}$/, 'must be an IMSI, 6 to 15 digits');

/** Without `policy` the target that the device has is explained; SIM members replace what the modem reported. */
export const explainQuerySchema = z
  .strictObject({
    policy: z.uuid().optional(),
    version: z.coerce.number().int().min(1).optional(),
    modem: z.string().min(1).max(80).optional(),
    iccid: z.optional(iccidSchema),
    imsi: imsiSchema.optional(),
    homePlmn: z.optional(plmnSchema),
    gid1: z
      .string()
      .regex(/^([0-9A-F]{2}){1,20}$/, 'must be octets, hexadecimal in capitals')
      .optional(),
    model: z.string().min(1).max(40).optional(),
    firmware: z.string().min(1).max(80).optional(),
    roaming: z.enum(['true', 'false']).optional(),
  })
  .refine((query) => query.version === undefined || query.policy !== undefined, {
    path: ['policy'],
    message: 'a version needs its policy',
  });
export type ExplainQuery = z.infer<typeof explainQuerySchema>;

/** `elsewhere`: not for this device, by subject or tags. `not-reached`: a rule before it matched. */
export const ruleTrailSchema = z
  .object({
    rule: z.string(),
    level: ruleLevelSchema,
    verdict: z.enum(['matched', 'failed', 'elsewhere', 'not-reached']),
    /** Conditions that do not hold: `subject`, `tags` or a condition's name. */
    failed: z.array(z.string()),
  })
  .meta({ id: 'RuleTrail' });
export type RuleTrail = z.infer<typeof ruleTrailSchema>;

const simSchema = z.object({
  homePlmn: z.string().nullable(),
  iccid: z.string().nullable(),
  imsi: z.string().nullable(),
  gid1: z.string().nullable(),
  roaming: z.boolean().nullable(),
  model: z.string().nullable(),
  firmware: z.string().nullable(),
});

export const fieldChangeSchema = z
  .object({ field: z.string(), from: z.union([z.string(), z.boolean()]).nullable(), to: z.union([z.string(), z.boolean()]).nullable() })
  .meta({ id: 'FieldChange' });
export type FieldChange = z.infer<typeof fieldChangeSchema>;

/** Why one modem would dial with this profile, and what assigning it would change. */
export const modemExplanationSchema = z
  .object({
    modem: z.string().nullable(),
    sim: simSchema,
    rule: z.string().nullable(),
    profileRef: z.string().nullable(),
    profile: shownProfileSchema.nullable(),
    /** The SIM slot that the modem is to use; null: the one in use. */
    simSlot: z.nullable(simSlotSchema),
    trail: z.array(ruleTrailSchema),
    /** Against what the target that the device has resolves to. */
    againstTarget: z.array(fieldChangeSchema),
    /** Against the bearer that the device reported. */
    againstBearer: z.array(fieldChangeSchema),
  })
  .meta({ id: 'ModemExplanation' });
export type ModemExplanation = z.infer<typeof modemExplanationSchema>;

export const explanationSchema = z
  .object({ device: z.string(), policy: versionRefSchema, modems: z.array(modemExplanationSchema) })
  .meta({ id: 'Explanation' });
export type Explanation = z.infer<typeof explanationSchema>;
