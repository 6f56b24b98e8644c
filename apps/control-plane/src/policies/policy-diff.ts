import { canonicalJson } from '@towline/protocol';
import type { PolicyDiff, PolicySettings, RuleChange, Variables } from '@towline/protocol/http';
import { type StoredRule, showRule } from './stored-rules.ts';

/** What a rule is known by across versions. */
const identity = ({ level, subject, name }: StoredRule): string => canonicalJson([level, subject ?? null, name]);

const members = (rule: StoredRule): Map<string, unknown> => new Map(Object.entries(rule));

/** Sealed PINs differ even when the PINs do not, so the caller gives opened rules. */
function changedFields(from: StoredRule, to: StoredRule): string[] {
  const [left, right] = [members(from), members(to)];
  return [...new Set([...left.keys(), ...right.keys()])].filter(
    (field) => canonicalJson(left.get(field)) !== canonicalJson(right.get(field)),
  );
}

/** Rules that were there before and are still, in both orders: one that lost its place relative to these was moved. */
function movedKeys(from: readonly string[], to: readonly string[]): Set<string> {
  const stayed = to.filter((key) => from.includes(key));
  const before = from.filter((key) => to.includes(key));
  return new Set(stayed.filter((key, index) => before[index] !== key));
}

/** What differs from one version's rules to another's. PINs are compared open and shown never. */
export function diffRules(from: readonly StoredRule[], to: readonly StoredRule[]): RuleChange[] {
  const earlier = new Map(from.map((rule) => [identity(rule), rule]));
  const later = new Map(to.map((rule) => [identity(rule), rule]));
  const moved = movedKeys([...earlier.keys()], [...later.keys()]);
  const removed = [...earlier].filter(([key]) => !later.has(key)).map(([, rule]) => change('removed', { from: rule, to: null }));
  const rest = [...later].flatMap(([key, rule]) => {
    const old = earlier.get(key);
    if (!old) return [change('added', { from: null, to: rule })];
    const fields = changedFields(old, rule);
    if (fields.length > 0) return [change('changed', { from: old, to: rule, fields })];
    return moved.has(key) ? [change('moved', { from: old, to: rule })] : [];
  });
  return [...removed, ...rest];
}

interface Fields {
  readonly variables: Variables;
  readonly settings: PolicySettings;
}

const flat = ({ variables, settings }: Fields): ReadonlyMap<string, string | number> =>
  new Map<string, string | number>([
    ...Object.entries(settings).map(([name, value]) => [`settings.${name}`, value] as const),
    ...Object.entries(variables).map(([name, value]) => [`variables.${name}`, value] as const),
  ]);

/** Settings and defaults that differ. */
export function diffFields(from: Fields, to: Fields): PolicyDiff['fields'] {
  const [before, after] = [flat(from), flat(to)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((field) => ({ field, from: before.get(field) ?? null, to: after.get(field) ?? null }))
    .filter((change) => change.from !== change.to);
}

interface Difference {
  readonly from: StoredRule | null;
  readonly to: StoredRule | null;
  readonly fields?: string[];
}

function change(kind: RuleChange['change'], { from, to, fields = [] }: Difference): RuleChange {
  const rule = to ?? from;
  return {
    change: kind,
    rule: rule?.name ?? '',
    level: rule?.level ?? 'fleet',
    fields,
    from: from && showRule(from),
    to: to && showRule(to),
  };
}
