import {
  type ConnectionProfile,
  canonicalJson,
  maxPayloadBytes,
  type RuleLevel,
  type TargetDocument,
  type TargetRule,
} from '@towline/protocol';
import type { AssignmentRefusal, PolicyRule, VersionRef } from '@towline/protocol/http';

/** What composition asks of a device. */
export interface CompositionSubject {
  readonly id: string;
  readonly siteId: string | null;
  readonly tags: readonly string[];
  readonly groups: readonly { readonly id: string; readonly rank: number }[];
}

/** A policy version with its secrets open. */
export interface CompositionPolicy {
  readonly id: string;
  readonly version: number;
  readonly rules: readonly PolicyRule[];
}

/** Profiles by `<id>@<version>`, passwords open. */
export type ProfilesByRef = ReadonlyMap<string, ConnectionProfile>;

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

function targetRule(rule: PolicyRule, profiles: ProfilesByRef): TargetRule[] {
  const ref = profileRef(rule.profile);
  const profile = profiles.get(ref);
  if (!profile) return [];
  const { name, level, when, pin } = rule;
  return [{ name, level, when, profileRef: ref, profile, ...(pin === undefined ? {} : { pin }) }];
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
  const rules = own.flatMap((placed) => targetRule(placed.rule, profiles));
  if (rules.length === 0) return { ok: false, code: 'target.no-rule' };
  if (rules.length > maxRules) return { ok: false, code: 'target.too-many-rules' };
  const document: TargetDocument = { salt, policy: { id: policy.id, version: policy.version }, rules };
  if (Buffer.byteLength(canonicalJson(document)) > maxDocumentBytes) return { ok: false, code: 'target.too-large' };
  return { ok: true, document };
}

/** Whether two documents ask the same of a device; their salts differ always. */
export function sameTarget(left: TargetDocument, right: TargetDocument): boolean {
  return canonicalJson({ ...left, salt: '' }) === canonicalJson({ ...right, salt: '' });
}
