import { type PolicyRule, policyRuleSchema, type ShownRule, shownRuleSchema } from '@towline/protocol/http';
import * as z from 'zod';
import type { Sealer } from '../platform/sealer.ts';

const { pinSet: _shown, ...members } = shownRuleSchema.shape;
const storedRuleSchema = z.object({ ...members, pin: z.string().max(400).optional() });
const storedRulesSchema = z.object({ rules: z.array(storedRuleSchema) });
/** Rules as they lie in the database: PINs are sealed text. */
export type StoredRule = z.infer<typeof storedRuleSchema>;

export function storeRules(rules: readonly PolicyRule[], sealer: Sealer): { rules: StoredRule[] } {
  return { rules: rules.map((rule) => (rule.pin === undefined ? rule : { ...rule, pin: sealer.seal(rule.pin) })) };
}

export function readStoredRules(json: unknown): StoredRule[] {
  return storedRulesSchema.parse(json).rules;
}

export function openRules(json: unknown, sealer: Sealer): PolicyRule[] {
  return readStoredRules(json).map((rule) =>
    policyRuleSchema.parse(rule.pin === undefined ? rule : { ...rule, pin: sealer.open(rule.pin) }),
  );
}

export function showRule({ pin, ...rule }: StoredRule): ShownRule {
  return { ...rule, pinSet: pin !== undefined };
}
