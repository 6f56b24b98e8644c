import type { Comparison, Filter } from './parse-filter.ts';

/** A group that a filter makes up. */
export interface FilteredGroup {
  readonly name: string;
  readonly filter: Filter;
}

/** As `==` compares names elsewhere: with a star anything, and then letters without their case. */
function isNamed(name: string, value: string): boolean {
  if (!value.includes('*')) return name === value;
  const pattern = value.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return new RegExp(`^${pattern.join('.*')}$`, 'isu').test(name);
}

function expandComparison(comparison: Comparison, groups: readonly FilteredGroup[]): Filter {
  const { field, operator, values } = comparison;
  const named = field === 'group' ? groups.filter(({ name }) => values.some((value) => isNamed(name, value))) : [];
  if (named.length === 0) return comparison;
  const isNegated = operator === '!=' || operator === '=out=';
  if (!isNegated && operator !== '==' && operator !== '=in=') return comparison;
  const asMember: Comparison = { ...comparison, operator: '=in=' };
  const anyOf: Filter = { kind: 'or', parts: [asMember, ...named.map(({ filter }) => filter)] };
  return isNegated ? { kind: 'not', part: anyOf } : anyOf;
}

/** Puts the filters of groups in place of their names, beside the members that were added to them. Group filters name no groups, so once is enough. */
export function expandGroups(filter: Filter, groups: readonly FilteredGroup[]): Filter {
  switch (filter.kind) {
    case 'comparison':
      return expandComparison(filter, groups);
    case 'not':
      return { ...filter, part: expandGroups(filter.part, groups) };
    default:
      return { ...filter, parts: filter.parts.map((part) => expandGroups(part, groups)) };
  }
}
