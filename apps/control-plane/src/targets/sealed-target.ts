import { type TargetDocument, targetDocumentSchema, targetRuleSchema } from '@towline/protocol';
import * as z from 'zod';
import { compiled } from '../platform/compiled.ts';
import type { Sealer } from '../platform/sealer.ts';

const sealed = z.string().max(400);

/** A target as it lies in the database: salt, APN passwords and PINs are sealed text, longer than what they hold. */
const sealedTargetSchema = compiled(
  z.object({
    ...targetDocumentSchema.shape,
    salt: sealed,
    rules: z.array(
      z.object({
        ...targetRuleSchema.shape,
        profile: z.object({ ...targetRuleSchema.shape.profile.shape, password: sealed.optional() }),
        pin: sealed.optional(),
      }),
    ),
  }),
);
const openTargetSchema = compiled(targetDocumentSchema);
export type SealedTarget = z.infer<typeof sealedTargetSchema>;

type TextChange = (text: string) => string;

function changeRule(rule: SealedTarget['rules'][number], change: TextChange): SealedTarget['rules'][number] {
  const { password } = rule.profile;
  const profile = password === undefined ? rule.profile : { ...rule.profile, password: change(password) };
  return rule.pin === undefined ? { ...rule, profile } : { ...rule, profile, pin: change(rule.pin) };
}

function changeSecrets(document: SealedTarget, change: TextChange): SealedTarget {
  return { ...document, salt: change(document.salt), rules: document.rules.map((rule) => changeRule(rule, change)) };
}

/** The document as it goes into the database. */
export function sealTarget(document: TargetDocument, sealer: Sealer): SealedTarget {
  return changeSecrets(document, (plain) => sealer.seal(plain));
}

/** For showing: nothing is opened. */
export function readSealedTarget(json: unknown): SealedTarget {
  return sealedTargetSchema.parse(json);
}

/** The same where an unreadable row must not stop what others wait for: null then. */
export function parseSealedTarget(json: unknown): SealedTarget | null {
  return sealedTargetSchema.safeParse(json).data ?? null;
}

/**
 * The document as the device gets it.
 * @param json the `document` column of `target`
 * @throws ZodError when the row is not a target, Fault `sealer.refused` when it was sealed with another key
 */
export function openTarget(json: unknown, sealer: Sealer): TargetDocument {
  return openTargetSchema.parse(changeSecrets(readSealedTarget(json), (text) => sealer.open(text)));
}
