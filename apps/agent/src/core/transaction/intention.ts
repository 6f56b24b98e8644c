import type { TargetDocument, TargetRule, TargetVersion } from '@towline/protocol';
import { givenUpAt, type Keepsakes, knownGoodAt, type Place } from './keepsakes.ts';
import { aimOf, type Configuration, type Refusal, type Transaction } from './transaction.ts';

/** What the held target wants of one SIM in one modem. */
export interface Wanted extends Place {
  readonly configuration: Configuration;
  readonly version: TargetVersion;
  readonly digest: string;
}

/**
 * What is to be done about it:
 * - `go`: dial with this; nothing is changed that is not confirmed already, or a change is under way.
 * - `begin`: a change has to be opened first. `found`: what the gateway was running on, not confirmed by anybody.
 * - `retarget`: the change under way is of an older target.
 */
export type Intention =
  | { readonly kind: 'go'; readonly configuration: Configuration; readonly refusal: Refusal | null }
  | { readonly kind: 'begin'; readonly from: Configuration | null; readonly found: boolean; readonly others: readonly Configuration[] }
  | { readonly kind: 'retarget' };

/** @param found what a running modem was found dialled with, null when its bearer is down */
export function intend(wanted: Wanted, open: Transaction | null, memory: { keepsakes: Keepsakes; found: Configuration | null }): Intention {
  const { key } = wanted.configuration;
  const { keepsakes, found } = memory;
  if (open) {
    const same = open.version.epoch === wanted.version.epoch && open.version.number === wanted.version.number;
    return same ? { kind: 'go', configuration: aimOf(open), refusal: open.refusal } : { kind: 'retarget' };
  }
  const known = knownGoodAt(keepsakes, wanted);
  // By its present name: the rule or the profile's version may be another, what is dialled with is not.
  if (known?.configuration.key === key) return { kind: 'go', configuration: wanted.configuration, refusal: null };
  const given = givenUpAt(keepsakes, wanted, { key, version: wanted.version });
  if (given) return { kind: 'go', configuration: known?.configuration ?? wanted.configuration, refusal: given.refusal };
  if (known) return { kind: 'begin', from: known.configuration, found: known.standing === 'assumed', others: known.earlier };
  return { kind: 'begin', from: found?.key === key ? null : found, found: true, others: [] };
}

/** The rule that dials with this configuration, whatever the SIM. */
function ruleOf({ rule, profileRef, profile, mode }: Configuration): TargetRule {
  return { name: rule, level: 'device', when: {}, profileRef, profile: { ...profile, dataMode: mode } };
}

/** The target as the planner is to see it: aimed at this configuration, its PINs as they are. */
export function aimedAt(document: TargetDocument, configuration: Configuration): TargetDocument {
  return { ...document, rules: [ruleOf(configuration), ...document.rules] };
}
