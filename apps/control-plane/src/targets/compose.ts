import { canonicalJson, maxPayloadBytes, type RuleLevel, type TargetDocument, type TargetRule } from '@towline/protocol';
import type { AssignmentRefusal, PolicyRule, PolicySettings, ProfileDocument, Variables, VersionRef } from '@towline/protocol/http';
import { type AssignedVariable, fillProfile, variablesInForce } from './variables.ts';

/** What composition asks of a device. */
export interface CompositionSubject {
  readonly id: string;
  readonly siteId: string | null;
  readonly tags: readonly string[];
  readonly groups: readonly { readonly id: string; readonly rank: number }[];
  readonly variables: readonly AssignedVariable[];
}

/** A policy version with its secrets open. */
export interface CompositionPolicy {
  readonly id: string;
  readonly version: number;
  readonly rules: readonly PolicyRule[];
  /** Defaults. */
  readonly variables: Variables;
  readonly settings: PolicySettings;
}

/** Profiles by `<id>@<version>`, passwords open, variables as they were written. */
export type ProfilesByRef = ReadonlyMap<string, ProfileDocument>;

export const profileRef = ({ id, version }: VersionRef): string => `${id}@${version}`;

/** A rule's place for one device: why it is not for it, or how early it is asked. */
export interface PlacedRule {
  readonly rule: PolicyRule;
  /** `subject` or `tags`, where the rule is not for this device; empty when it is. */
  readonly failed: readonly ('subject' | 'tags')[];
}

const levelOrder: Record<RuleLevel, number> = { device: 0, group: 1, site: 2, fleet: 3 };

function isSubject(rule: PolicyRule, device: CompositionSubject): boolean {
  switch (rule.level) {
    case 'device':
      return rule.subject === device.id;
    case 'group':
      return device.groups.some((group) => group.id === rule.subject);
    case 'site':
      return rule.subject === device.siteId;
    case 'fleet':
      return true;
  }
}

function misfits(rule: PolicyRule, device: CompositionSubject): ('subject' | 'tags')[] {
  const carriesTags = (rule.tags ?? []).every((tag) => device.tags.includes(tag));
  return [...(isSubject(rule, device) ? [] : (['subject'] as const)), ...(carriesTags ? [] : (['tags'] as const))];
}

/**
 * Every rule in the order in which this device asks them: device, then its groups by rank, then its site, then the fleet;
 * inside one of these as the policy lists them.
 */
export function placeRules(rules: readonly PolicyRule[], device: CompositionSubject): PlacedRule[] {
  const ranks = new Map(device.groups.map((group) => [group.id, group.rank]));
  const rankOf = (rule: PolicyRule) => (rule.level === 'group' ? (ranks.get(rule.subject ?? '') ?? Number.MAX_SAFE_INTEGER) : 0);
  return rules
    .map((rule) => ({ rule, failed: misfits(rule, device) }))
    .sort((left, right) => levelOrder[left.rule.level] - levelOrder[right.rule.level] || rankOf(left.rule) - rankOf(right.rule));
}

export type Composition =
  | { readonly ok: true; readonly document: TargetDocument }
  | { readonly ok: false; readonly code: AssignmentRefusal };

/** Room for version, digest and names around the document in its message. */
const maxDocumentBytes = maxPayloadBytes - 512;
const maxRules = 200;

type RuleFilling = { readonly ok: true; readonly rules: readonly TargetRule[] } | { readonly ok: false; readonly code: AssignmentRefusal };

/** One rule as the device gets it; none where its profile is gone. */
function targetRule(rule: PolicyRule, template: ProfileDocument | undefined, variables: ReadonlyMap<string, string>): RuleFilling {
  if (!template) return { ok: true, rules: [] };
  const filled = fillProfile(template, variables);
  if (!filled.ok) return filled;
  const { name, level, when, simSlot, pin } = rule;
  const { profile } = filled;
  const named = { ...(simSlot === undefined ? {} : { simSlot }), ...(pin === undefined ? {} : { pin }) };
  return { ok: true, rules: [{ name, level, when, profileRef: profileRef(rule.profile), profile, ...named }] };
}

/** All or none: a rule that cannot be filled would leave its SIMs to the rule behind it. */
function targetRules(rules: readonly PolicyRule[], profiles: ProfilesByRef, variables: ReadonlyMap<string, string>): RuleFilling {
  const fillings = rules.map((rule) => targetRule(rule, profiles.get(profileRef(rule.profile)), variables));
  const refused = fillings.find((filling) => !filling.ok);
  return refused ?? { ok: true, rules: fillings.flatMap((filling) => (filling.ok ? filling.rules : [])) };
}

/**
 * The desired document of one device under one policy version: the only place that makes one. Pure: the same input gives the same document.
 * @param salt random text; it keeps the digest from telling anything of the secrets inside
 */
export function composeTarget(input: {
  device: CompositionSubject;
  policy: CompositionPolicy;
  profiles: ProfilesByRef;
  salt: string;
}): Composition {
  const { device, policy, profiles, salt } = input;
  const own = placeRules(policy.rules, device).filter((placed) => placed.failed.length === 0);
  if (own.length > maxRules) return { ok: false, code: 'target.too-many-rules' };
  const filling = targetRules(
    own.map((placed) => placed.rule),
    profiles,
    variablesInForce(device.variables, policy.variables),
  );
  if (!filling.ok) return filling;
  const rules = [...filling.rules];
  if (rules.length === 0) return { ok: false, code: 'target.no-rule' };
  const { roamingHoldS } = policy.settings;
  const asksForRoaming = rules.some(({ when }) => when.roaming !== undefined);
  const document: TargetDocument = {
    salt,
    policy: { id: policy.id, version: policy.version },
    ...(asksForRoaming ? { roamingHoldS } : {}),
    rules,
  };
  // In whatever order its members stand, it is as long.
  if (Buffer.byteLength(JSON.stringify(document)) > maxDocumentBytes) return { ok: false, code: 'target.too-large' };
  return { ok: true, document };
}

/** Whether two documents ask the same of a device; their salts differ always. */
export function sameTarget(left: TargetDocument, right: TargetDocument): boolean {
  return canonicalJson({ ...left, salt: '' }) === canonicalJson({ ...right, salt: '' });
}
