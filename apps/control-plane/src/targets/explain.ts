import {
  bandsText,
  failedConditions,
  type ModemState,
  type RuleLevel,
  type SimConditions,
  type SimSlot,
  type SimSubject,
  slotRule,
} from '@towline/protocol';
import type { FieldChange, ModemExplanation, RuleTrail, ShownProfile } from '@towline/protocol/http';
import { bearerDifferences } from './drift.ts';

/** A rule in the order in which the device asks it; `failed` says why it is not for this device at all. */
export interface CandidateRule {
  readonly name: string;
  readonly level: RuleLevel;
  readonly when: SimConditions;
  readonly failed: readonly string[];
  readonly profileRef: string;
  readonly profile: ShownProfile;
  readonly simSlot?: SimSlot | undefined;
}

interface Resolution {
  readonly rule: CandidateRule | null;
  readonly trail: RuleTrail[];
}

/** Every rule with its verdict, and the one that applies: the first that is for this device and whose conditions hold. */
export function explainRules(rules: readonly CandidateRule[], sim: SimSubject): Resolution {
  let winner: CandidateRule | null = null;
  const trail = rules.map((rule): RuleTrail => {
    const shown = { rule: rule.name, level: rule.level };
    if (rule.failed.length > 0) return { ...shown, verdict: 'elsewhere', failed: [...rule.failed] };
    if (winner) return { ...shown, verdict: 'not-reached', failed: [] };
    const failed = failedConditions(rule.when, sim);
    if (failed.length > 0) return { ...shown, verdict: 'failed', failed };
    winner = rule;
    return { ...shown, verdict: 'matched', failed: [] };
  });
  return { rule: winner, trail };
}

const comparedFields = ['apn', 'ipType', 'auth', 'username', 'dataMode', 'roaming', 'radioAccess', 'passwordSet'] as const;

const bandsOf = (rule: CandidateRule | null) => (rule?.profile.bands ? bandsText(rule.profile.bands) : null);

function profileChanges(from: CandidateRule | null, to: CandidateRule | null): FieldChange[] {
  const fields = comparedFields.map((field) => ({ field, from: from?.profile[field] ?? null, to: to?.profile[field] ?? null }));
  const ref = { field: 'profileRef', from: from?.profileRef ?? null, to: to?.profileRef ?? null };
  const bands = { field: 'bands', from: bandsOf(from), to: bandsOf(to) };
  return [ref, ...fields, bands].filter((change) => change.from !== change.to);
}

function bearerChanges(rule: CandidateRule | null, modem: ModemState | null): FieldChange[] {
  if (!rule || !modem) return [];
  return bearerDifferences(rule.profile, modem.bearer).map(({ field, wanted, reported }) => ({ field, from: reported, to: wanted }));
}

const slotOf = (rules: readonly CandidateRule[], sim: SimSubject) =>
  slotRule(
    rules.filter(({ failed }) => failed.length === 0),
    sim,
  )?.simSlot ?? null;

export interface ExplanationInput {
  readonly modem: ModemState | null;
  readonly sim: SimSubject;
  readonly rules: readonly CandidateRule[];
  /** Of the target that the device has; null without one. */
  readonly targetRules: readonly CandidateRule[] | null;
}

/** Why this modem would dial with this profile, and what would change by it. */
export function explainModem({ modem, sim, rules, targetRules }: ExplanationInput): ModemExplanation {
  const { rule, trail } = explainRules(rules, sim);
  const current = targetRules ? explainRules(targetRules, sim).rule : null;
  const [simSlot, slotNow] = [slotOf(rules, sim), slotOf(targetRules ?? [], sim)];
  const slotChange = { field: 'simSlot', from: slotNow && `${slotNow}`, to: simSlot && `${simSlot}` };
  return {
    modem: modem?.id ?? null,
    sim: { ...sim },
    rule: rule?.name ?? null,
    profileRef: rule?.profileRef ?? null,
    profile: rule?.profile ?? null,
    simSlot,
    trail,
    againstTarget: [...profileChanges(current, rule), ...(simSlot === slotNow ? [] : [slotChange])],
    againstBearer: bearerChanges(rule, modem),
  };
}
