import { refusal } from '../platform/refusal.ts';
import { type Sql, sql } from '../platform/sql.ts';
import { compileFilter } from './filter/compile-filter.ts';
import { expandGroups } from './filter/expand-groups.ts';
import { type Filter, parseFilter, partsOf } from './filter/parse-filter.ts';

const wrong = (messages: readonly string[]) =>
  refusal(
    'filter.invalid',
    'the filter is RSQL, such as site==north;tag==roof;signal=lt=-110',
    messages.map((message) => ({ path: 'filter', message })),
  );

/** A group with a filter of its own, as it is stored. */
export interface SavedGroup {
  readonly name: string;
  readonly filter: string;
}

function parsedFilter(filter: string): Filter {
  const parsed = parseFilter(filter);
  if (parsed.ok) return parsed.filter;
  throw wrong([parsed.position === null ? parsed.message : `at character ${parsed.position}: ${parsed.message}`]);
}

/**
 * An RSQL filter as a condition on `device d`; none holds for every device.
 * @param groups with filters of their own, which the filter may name: `readGroupFilters`
 * @param beyond as for `compileFilter`
 * @throws Fault `filter.invalid` that says where and what to do
 */
export function deviceCondition(filter: string | undefined, groups: readonly SavedGroup[] = [], beyond: Sql | null = null): Sql {
  if (filter === undefined) return sql`true`;
  const named = groups.map((group) => ({ name: group.name, filter: parsedFilter(group.filter) }));
  const compiled = compileFilter(expandGroups(parsedFilter(filter), named), beyond);
  if (!compiled.ok) throw wrong(compiled.messages);
  return compiled.condition;
}

const fieldsIn = (filter: Filter): string[] => (filter.kind === 'comparison' ? [filter.field] : partsOf(filter).flatMap(fieldsIn));

/** Names of the fields that a filter asks for; none of one that cannot be read. */
export function filterFieldsOf(filter: string): ReadonlySet<string> {
  const parsed = parseFilter(filter);
  return new Set(parsed.ok ? fieldsIn(parsed.filter) : []);
}
