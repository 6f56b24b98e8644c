import type { SimConditions } from '@towline/protocol';

/** A value that a SIM or modem may show; null: not known, which no condition matches. */
type Shown = string | boolean | null;
type Dimension = keyof SimConditions;

/** Comparisons that may still be made: a policy of hundreds of rules must not hold up the process. */
export interface Budget {
  left: number;
}

const dimensions: readonly Dimension[] = ['homePlmn', 'iccidPrefix', 'imsiPrefix', 'gid1Prefix', 'roaming', 'model', 'firmwarePrefix'];
const byPrefix: ReadonlySet<Dimension> = new Set(['iccidPrefix', 'imsiPrefix', 'gid1Prefix', 'firmwarePrefix']);

interface Comparison {
  readonly dimension: Dimension;
  readonly value: Shown;
  readonly budget: Budget;
}

function holds(conditions: SimConditions, { dimension, value, budget }: Comparison): boolean {
  const condition = conditions[dimension];
  budget.left -= typeof condition === 'object' ? condition.length : 1;
  if (condition === undefined) return true;
  if (value === null || typeof condition === 'boolean' || typeof value === 'boolean') return condition === value;
  return byPrefix.has(dimension) ? condition.some((prefix) => value.startsWith(prefix)) : condition.includes(value);
}

/**
 * Values that tell these conditions apart, one of each kind: those that are named, and what is not known, which stands for every other value.
 * A prefix stands for whatever begins with it and with no longer one.
 */
function valuesOf(rules: readonly SimConditions[], dimension: Dimension): Shown[] {
  if (dimension === 'roaming') return [true, false, null];
  const named = rules.flatMap((conditions) => conditions[dimension] ?? []).filter((value) => typeof value === 'string');
  return [...new Set(named), null];
}

type Candidates = Readonly<Record<Dimension, readonly Shown[]>>;

function candidatesFor(later: SimConditions, rules: readonly SimConditions[], budget: Budget): Candidates {
  const fitting = (dimension: Dimension) => valuesOf(rules, dimension).filter((value) => holds(later, { dimension, value, budget }));
  return {
    homePlmn: fitting('homePlmn'),
    iccidPrefix: fitting('iccidPrefix'),
    imsiPrefix: fitting('imsiPrefix'),
    gid1Prefix: fitting('gid1Prefix'),
    roaming: fitting('roaming'),
    model: fitting('model'),
    firmwarePrefix: fitting('firmwarePrefix'),
  };
}

/** In how many ways a rule can be made to fail: for each of its conditions, the candidates left then. */
function waysToFail(rule: SimConditions, candidates: Candidates, budget: Budget): Candidates[] {
  return dimensions
    .filter((dimension) => rule[dimension] !== undefined)
    .map((dimension) => ({
      ...candidates,
      [dimension]: candidates[dimension].filter((value) => !holds(rule, { dimension, value, budget })),
    }))
    .filter((left) => dimensions.every((dimension) => left[dimension].length > 0));
}

function search(earlier: readonly SimConditions[], candidates: Candidates, budget: Budget): boolean {
  const [first, ...rest] = earlier;
  if (!first || budget.left < 0) return true;
  return waysToFail(first, candidates, budget).some((left) => search(rest, left, budget));
}

/**
 * Whether some SIM and modem pass all the earlier conditions by and meet the later ones. Yes also when the budget is used up: what is said of a
 * rule that it cannot be reached is never wrong.
 */
export function hasWitness(later: SimConditions, earlier: readonly SimConditions[], budget: Budget): boolean {
  return budget.left < 0 || search(earlier, candidatesFor(later, [later, ...earlier], budget), budget);
}

/** Whether some SIM and modem meet both. */
export function overlap(left: SimConditions, right: SimConditions, budget: Budget): boolean {
  const rules = [left, right];
  return dimensions.every((dimension) => {
    const meets = (value: Shown) => rules.every((conditions) => holds(conditions, { dimension, value, budget }));
    return (left[dimension] === undefined && right[dimension] === undefined) || valuesOf(rules, dimension).some(meets);
  });
}
