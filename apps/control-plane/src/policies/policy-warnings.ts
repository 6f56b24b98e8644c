import { canonicalJson } from '@towline/protocol';
import type { PolicyWarning, ShownRule } from '@towline/protocol/http';
import { type Budget, hasWitness, overlap } from './find-witness.ts';

/** Some tenths of a second at most. */
const comparisons = 10_000_000;

const named = (rule: ShownRule) => JSON.stringify(rule.name);

/** Rules that are asked of the same devices, so that their order decides. Those at other levels or subjects never meet by order. */
const isAskedTogether = (left: ShownRule, right: ShownRule) => left.level === right.level && left.subject === right.subject;

/** Whether every device that carries the tags of one carries those of the other. */
const tagsInclude = (rule: ShownRule, other: ShownRule) => (other.tags ?? []).every((tag) => rule.tags?.includes(tag));

function unreachable(rule: ShownRule, before: readonly ShownRule[], budget: Budget): string | null {
  const asked = before.filter((earlier) => isAskedTogether(earlier, rule) && tagsInclude(rule, earlier));
  const stopper = asked.find((earlier) => !hasWitness(rule.when, [earlier.when], budget));
  if (stopper) return `the rule ${named(stopper)} before it always matches first`;
  const conditions = asked.map(({ when }) => when);
  return asked.length > 1 && !hasWitness(rule.when, conditions, budget) ? 'one of the rules before it always matches first' : null;
}

/** Whether every device and SIM of `special` belongs to `general` too. */
const isSpecialCase = (special: ShownRule, general: ShownRule, budget: Budget) =>
  tagsInclude(special, general) && !hasWitness(special.when, [general.when], budget);

const sameOutcome = (left: ShownRule, right: ShownRule) => canonicalJson(left.profile) === canonicalJson(right.profile);

/** A rule before this one with another profile, where some SIMs meet both and neither is a special case of the other. */
function conflicting(rule: ShownRule, before: readonly ShownRule[], budget: Budget): ShownRule | undefined {
  return before.find(
    (earlier) =>
      budget.left > 0 &&
      isAskedTogether(earlier, rule) &&
      !sameOutcome(earlier, rule) &&
      overlap(earlier.when, rule.when, budget) &&
      !isSpecialCase(earlier, rule, budget) &&
      !isSpecialCase(rule, earlier, budget),
  );
}

function warningsOf(rule: ShownRule, before: readonly ShownRule[], budget: Budget): PolicyWarning[] {
  const path = `rules[${before.length}]`;
  const stopped = unreachable(rule, before, budget);
  // What names a slot does so whichever rule holds for the SIM in it.
  if (stopped !== null && rule.simSlot === undefined) return [{ code: 'rule.unreachable', path, message: stopped }];
  const rival = conflicting(rule, before, budget);
  if (!rival) return [];
  const message = `for some SIMs this rule and ${named(rival)} before it both hold: the one before is taken, and only their order says so`;
  return [{ code: 'rule.conflict', path, message }];
}

/** What a policy says that its author hardly meant. Never wrong about a rule being out of reach; of a very large policy it does not find all. */
export function policyWarnings(rules: readonly ShownRule[]): PolicyWarning[] {
  const budget = { left: comparisons };
  return rules.flatMap((rule, index) => {
    const before = rules.slice(0, index);
    const twin = before.some((earlier) => earlier.name === rule.name);
    const message = 'a rule before it has this name: a rule trail could not tell them apart';
    return [
      ...warningsOf(rule, before, budget),
      ...(twin ? [{ code: 'rule.name-twice' as const, path: `rules[${index}].name`, message }] : []),
    ];
  });
}
