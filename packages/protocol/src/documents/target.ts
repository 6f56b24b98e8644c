import * as z from 'zod/mini';
import { pinSchema, simSlotSchema } from '../scalars.ts';
import { connectionProfileSchema } from './connection-profile.ts';
import { failedConditions, heldConditionsSchema, type SimConditions, type SimSubject } from './sim-conditions.ts';

/** Where a rule stands: a device's own beats its group's, that its site's, that the fleet's. */
export const ruleLevelSchema = z.enum(['device', 'group', 'site', 'fleet']);
export type RuleLevel = z.infer<typeof ruleLevelSchema>;

/** One rule that could apply to this device, its profile inline. */
export const targetRuleSchema = z.object({
  name: z.string().check(z.maxLength(80)),
  level: ruleLevelSchema,
  when: heldConditionsSchema,
  /** `<profile id>@<version>`: what the device says it applied. */
  profileRef: z.string().check(z.maxLength(60)),
  profile: connectionProfileSchema,
  /** The slot whose SIM the modem is to use. Asked before anything of a SIM is, so only of a rule without conditions on the SIM. */
  simSlot: z.optional(simSlotSchema),
  /** A secret; only from a device rule or a rule that names whole ICCIDs. */
  pin: z.optional(pinSchema),
});
export type TargetRule = z.infer<typeof targetRuleSchema>;

/** The desired document of one device: every rule that could apply, in order of precedence, the first match wins. */
export const targetDocumentSchema = z.object({
  /** Random, and sealed at rest: so that the digest, which is no secret, tells nothing of the PINs and passwords inside. */
  salt: z.string().check(z.minLength(16), z.maxLength(32)),
  policy: z.object({ id: z.string().check(z.maxLength(40)), version: z.int().check(z.minimum(1)) }),
  /** Seconds that home or roaming must last before rules see it; left out: 0. */
  roamingHoldS: z.optional(z.int().check(z.minimum(0), z.maximum(86_400))),
  rules: z.array(targetRuleSchema).check(z.maxLength(200)),
});
export type TargetDocument = z.infer<typeof targetDocumentSchema>;

/**
 * A target's version: the database's epoch, then a number that grows by one with each target of the device.
 * A restored database starts a later epoch, so its targets are believed although their numbers start lower.
 */
export const targetVersionSchema = z.object({ epoch: z.int().check(z.minimum(1)), number: z.int().check(z.minimum(1)) });
export type TargetVersion = z.infer<typeof targetVersionSchema>;

/** Whether `left` is later than `right`; anything is later than nothing. */
export function isLaterVersion(left: TargetVersion, right: TargetVersion | null): boolean {
  if (!right) return true;
  return left.epoch !== right.epoch ? left.epoch > right.epoch : left.number > right.number;
}

/** One line of the trail that tells why a rule did or did not apply. */
export interface RuleVerdict {
  readonly rule: string;
  readonly level: RuleLevel;
  readonly matched: boolean;
  readonly failed: readonly string[];
}

const slotConditions: ReadonlySet<string> = new Set(['model', 'firmwarePrefix'] satisfies (keyof SimConditions)[]);

/** Whether these conditions can be asked without a SIM. */
export const asksNoSim = (when: SimConditions): boolean => Object.keys(when).every((name) => slotConditions.has(name));

/** The first rule that names a SIM slot for this modem, whatever SIM is in it; the profile is that of the first rule that then holds. */
export function slotRule<Rule extends Pick<TargetRule, 'simSlot' | 'when'>>(
  rules: readonly Rule[],
  { model, firmware }: Pick<SimSubject, 'model' | 'firmware'>,
): Rule | null {
  const subject: SimSubject = { homePlmn: null, iccid: null, imsi: null, gid1: null, roaming: null, model, firmware };
  return (
    rules.find(({ simSlot, when }) => simSlot !== undefined && asksNoSim(when) && failedConditions(when, subject).length === 0) ?? null
  );
}

/** The first rule that holds for this SIM, with the trail up to and including it. */
export function resolveRule(rules: readonly TargetRule[], subject: SimSubject): { rule: TargetRule | null; trail: RuleVerdict[] } {
  const trail: RuleVerdict[] = [];
  for (const rule of rules) {
    const failed = failedConditions(rule.when, subject);
    trail.push({ rule: rule.name, level: rule.level, matched: failed.length === 0, failed });
    if (failed.length === 0) return { rule, trail };
  }
  return { rule: null, trail };
}
