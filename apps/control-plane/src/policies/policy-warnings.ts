import type { SimConditions } from '@towline/protocol';
import type { PolicyWarning, ShownRule } from '@towline/protocol/http';

/** Whether whatever holds under `later` holds under `earlier` too, condition by condition. */
function covers(earlier: SimConditions, later: SimConditions): boolean {
  const values = (wide: readonly string[] | undefined, narrow: readonly string[] | undefined) =>
    !wide || (narrow?.every((value) => wide.includes(value)) ?? false);
  const prefixes = (wide: readonly string[] | undefined, narrow: readonly string[] | undefined) =>
    !wide || (narrow?.every((value) => wide.some((prefix) => value.startsWith(prefix))) ?? false);
  return (
    values(earlier.homePlmn, later.homePlmn) &&
    values(earlier.model, later.model) &&
    prefixes(earlier.iccidPrefix, later.iccidPrefix) &&
    prefixes(earlier.imsiPrefix, later.imsiPrefix) &&
    (earlier.roaming === undefined || earlier.roaming === later.roaming)
  );
}

/** Whether a device and SIM that reach `later` were always stopped by `earlier`, which stands before it at the same level. */
function forestalls(earlier: ShownRule, later: ShownRule): boolean {
  const sameDevices = earlier.level === later.level && earlier.subject === later.subject;
  const tags = (earlier.tags ?? []).every((tag) => later.tags?.includes(tag));
  return sameDevices && tags && covers(earlier.when, later.when);
}

/** What a policy says that its author hardly meant. Never wrong about a rule being out of reach, but it does not find all of them. */
export function policyWarnings(rules: readonly ShownRule[]): PolicyWarning[] {
  return rules.flatMap((rule, index) => {
    const path = `rules[${index}]`;
    const before = rules.slice(0, index);
    const stopper = before.find((earlier) => forestalls(earlier, rule));
    const twin = before.find((earlier) => earlier.name === rule.name);
    return [
      ...(stopper
        ? [{ code: 'rule.unreachable' as const, path, message: `the rule ${JSON.stringify(stopper.name)} before it always matches first` }]
        : []),
      ...(twin
        ? [
            {
              code: 'rule.name-twice' as const,
              path: `${path}.name`,
              message: 'a rule before it has this name: a rule trail could not tell them apart',
            },
          ]
        : []),
    ];
  });
}
