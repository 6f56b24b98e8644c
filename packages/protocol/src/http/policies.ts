import * as z from 'zod';
import { simConditionsSchema } from '../documents/sim-conditions.ts';
import { asksNoSim, ruleLevelSchema } from '../documents/target.ts';
import { deviceIdSchema, pinSchema, simSlotSchema } from '../scalars.ts';
import { nameSchema, pageSchema, tagsSchema, timeSchema, versionNumberSchema, versionRefSchema } from './page.ts';
import { variablesSchema } from './variables.ts';

export const maxPolicyRules = 500;

/** The last digit is a check digit (ITU-T E.118): 19 digits name one card. */
const wholeIccid = (prefix: string) => prefix.length >= 19;

const ruleShape = {
  name: nameSchema,
  level: ruleLevelSchema,
  /** Device, group or site id, as the level says; a fleet rule has none. */
  subject: z.string().optional(),
  /** Asked of the SIM and modem, on the device, whenever they change. */
  when: z.strictObject(simConditionsSchema.shape).default({}),
  /** The device must carry all of them at the moment of assignment. */
  tags: tagsSchema.optional(),
  profile: versionRefSchema,
  /** The slot whose SIM modems with two are to use: of the first rule that names one, asked before any condition on the SIM. */
  simSlot: z.optional(simSlotSchema),
};

/** A PIN goes to one card only: from a device's own rule, or from a rule that names whole ICCIDs. */
export const policyRuleSchema = z
  .strictObject({ ...ruleShape, pin: z.optional(pinSchema) })
  .superRefine((rule, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (rule.level === 'fleet' && rule.subject !== undefined) refuse('subject', 'a fleet rule has no subject: leave it out');
    if (rule.level !== 'fleet' && rule.subject === undefined) refuse('subject', `give the id of the ${rule.level}`);
    const subjectSchema = rule.level === 'device' ? deviceIdSchema : z.uuid();
    if (rule.level !== 'fleet' && rule.subject !== undefined && !subjectSchema.safeParse(rule.subject).success) {
      refuse('subject', `must be the id of a ${rule.level}`);
    }
    if (rule.simSlot !== undefined && !asksNoSim(rule.when))
      refuse('simSlot', 'which SIM is in the slot is not known before it is chosen: only model and firmwarePrefix may be asked');
    const namesCards = rule.when.iccidPrefix?.every(wholeIccid) ?? false;
    if (rule.pin !== undefined && rule.level !== 'device' && !namesCards)
      refuse('pin', 'only a device rule, or one whose iccidPrefix names whole ICCIDs (19 or 20 digits), may carry a PIN');
  })
  .meta({ id: 'PolicyRule' });
export type PolicyRule = z.infer<typeof policyRuleSchema>;

/** A rule as it may be shown: the PIN is write-only. */
export const shownRuleSchema = z.object({ ...ruleShape, pinSet: z.boolean() }).meta({ id: 'ShownRule' });
export type ShownRule = z.infer<typeof shownRuleSchema>;

/** How a policy is followed. */
export const policySettingsSchema = z
  .strictObject({
    /** A device that settled on something else than its target: only shown, or given the same target anew, a few times, ever more seldom. */
    drift: z.enum(['show', 'mend']).default('show'),
    /** So long must a SIM be at home, or roam, before conditions on roaming see it: at a border networks change by the minute. */
    roamingHoldS: z.int().min(0).max(86_400).default(300),
  })
  .meta({ id: 'PolicySettings' });
export type PolicySettings = z.infer<typeof policySettingsSchema>;

const documentShape = {
  rules: z.array(policyRuleSchema).min(1).max(maxPolicyRules),
  /** What `${name}` in a profile stands for where neither device, group, site nor fleet has a value. */
  variables: variablesSchema.default({}),
  settings: policySettingsSchema.prefault({}),
};
export const createPolicySchema = z.strictObject({ name: nameSchema, ...documentShape }).meta({ id: 'CreatePolicy' });
export type CreatePolicy = z.infer<typeof createPolicySchema>;
export const addPolicyVersionSchema = z.strictObject(documentShape).meta({ id: 'AddPolicyVersion' });
export type AddPolicyVersion = z.infer<typeof addPolicyVersionSchema>;

export const policySchema = z.object({ id: z.uuid(), name: z.string(), latest: versionNumberSchema }).meta({ id: 'Policy' });
export type Policy = z.infer<typeof policySchema>;
export const policyPageSchema = pageSchema(policySchema, 'PolicyPage');

/**
 * What is allowed but hardly meant: a rule that those before it always forestall; two of which neither is a special case of the other, so that
 * for some SIMs only their order decides; a variable that nothing has a value for but devices, groups or sites.
 */
export const policyWarningSchema = z
  .object({
    code: z.enum(['rule.unreachable', 'rule.conflict', 'rule.name-twice', 'variable.no-default']),
    path: z.string(),
    message: z.string(),
  })
  .meta({ id: 'PolicyWarning' });
export type PolicyWarning = z.infer<typeof policyWarningSchema>;

export const policyVersionSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    version: versionNumberSchema,
    rules: z.array(shownRuleSchema),
    variables: variablesSchema,
    settings: policySettingsSchema,
    warnings: z.array(policyWarningSchema),
    createdAt: timeSchema,
    createdBy: z.uuid(),
  })
  .meta({ id: 'PolicyVersion' });
export type PolicyVersion = z.infer<typeof policyVersionSchema>;

export const policyVersionSummarySchema = z
  .object({ version: versionNumberSchema, rules: z.int(), createdAt: timeSchema, createdBy: z.uuid() })
  .meta({ id: 'PolicyVersionSummary' });
export const policyVersionPageSchema = pageSchema(policyVersionSummarySchema, 'PolicyVersionPage');
export type PolicyVersionSummary = z.infer<typeof policyVersionSummarySchema>;

export const policyDiffQuerySchema = z.strictObject({
  from: z.coerce.number().int().min(1),
  to: z.coerce.number().int().min(1),
});
export type PolicyDiffQuery = z.infer<typeof policyDiffQuerySchema>;

/** One rule that differs between two versions; rules are known by level, subject and name. */
export const ruleChangeSchema = z
  .object({
    change: z.enum(['added', 'removed', 'changed', 'moved']),
    rule: z.string(),
    level: ruleLevelSchema,
    /** Names of the members that differ. */
    fields: z.array(z.string()),
    from: shownRuleSchema.nullable(),
    to: shownRuleSchema.nullable(),
  })
  .meta({ id: 'RuleChange' });
export type RuleChange = z.infer<typeof ruleChangeSchema>;
/** `fields`: settings and variables that differ, `settings.drift`, `variables.site`. */
export const policyDiffSchema = z
  .object({
    from: z.int(),
    to: z.int(),
    changes: z.array(ruleChangeSchema),
    fields: z.array(
      z
        .object({
          field: z.string(),
          from: z.union([z.string(), z.number()]).nullable(),
          to: z.union([z.string(), z.number()]).nullable(),
        })
        .meta({ id: 'PolicyFieldChange' }),
    ),
  })
  .meta({ id: 'PolicyDiff' });
export type PolicyDiff = z.infer<typeof policyDiffSchema>;
