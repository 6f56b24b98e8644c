import {
  type PolicyRule,
  type PolicySettings,
  policyRuleSchema,
  policySettingsSchema,
  type ShownRule,
  shownRuleSchema,
  type Variables,
  variablesSchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import type { Sealer } from '../platform/sealer.ts';

const { pinSet: _shown, ...members } = shownRuleSchema.shape;
const storedRuleSchema = z.object({ ...members, pin: z.string().max(400).optional() });
/** Versions from before variables and settings have neither. */
const storedPolicySchema = z.object({
  rules: z.array(storedRuleSchema),
  variables: variablesSchema.default({}),
  settings: policySettingsSchema.prefault({}),
});
/** Rules as they lie in the database: PINs are sealed text. */
export type StoredRule = z.infer<typeof storedRuleSchema>;

/** A policy version's document as it lies in the database. */
export type StoredPolicy = z.infer<typeof storedPolicySchema>;

interface PolicyDocument {
  readonly rules: readonly PolicyRule[];
  readonly variables: Variables;
  readonly settings: PolicySettings;
}

export function storePolicy({ rules, variables, settings }: PolicyDocument, sealer: Sealer): StoredPolicy {
  const sealed = rules.map((rule) => (rule.pin === undefined ? rule : { ...rule, pin: sealer.seal(rule.pin) }));
  return { rules: sealed, variables, settings };
}

export function readStoredPolicy(json: unknown): StoredPolicy {
  return storedPolicySchema.parse(json);
}

/** The settings in it alone; null: it is from before there were any, or there is no policy. */
export function readPolicySettings(json: unknown): PolicySettings {
  return policySettingsSchema.parse(json ?? {});
}

/** With its PINs open. */
export function openPolicy(json: unknown, sealer: Sealer): PolicyDocument {
  const { rules, variables, settings } = readStoredPolicy(json);
  const open = rules.map((rule) => policyRuleSchema.parse(rule.pin === undefined ? rule : { ...rule, pin: sealer.open(rule.pin) }));
  return { rules: open, variables, settings };
}

export function showRule({ pin, ...rule }: StoredRule): ShownRule {
  return { ...rule, pinSet: pin !== undefined };
}
