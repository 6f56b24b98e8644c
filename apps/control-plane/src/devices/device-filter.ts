import { refusal } from '../platform/refusal.ts';
import { type Sql, sql } from '../platform/sql.ts';
import { compileFilter } from './filter/compile-filter.ts';
import { type Filter, parseFilter } from './filter/parse-filter.ts';

const wrong = (messages: readonly string[]) =>
  refusal(
    'filter.invalid',
    'the filter is RSQL, such as site==north;tag==roof;signal=lt=-110',
    messages.map((message) => ({ path: 'filter', message })),
  );

/**
 * An RSQL filter as a condition on `device d`; none holds for every device.
 * @param beyond as for `compileFilter`
 * @throws Fault `filter.invalid` that says where and what to do
 */
export function deviceCondition(filter: string | undefined, beyond: Sql | null = null): Sql {
  if (filter === undefined) return sql`true`;
  const parsed = parseFilter(filter);
  if (!parsed.ok) throw wrong([parsed.position === null ? parsed.message : `at character ${parsed.position}: ${parsed.message}`]);
  const compiled = compileFilter(parsed.filter, beyond);
  if (!compiled.ok) throw wrong(compiled.messages);
  return compiled.condition;
}

const fieldsIn = (filter: Filter): string[] => (filter.kind === 'comparison' ? [filter.field] : filter.parts.flatMap(fieldsIn));

/** Names of the fields that a filter asks for; none of one that cannot be read. */
export function filterFieldsOf(filter: string): ReadonlySet<string> {
  const parsed = parseFilter(filter);
  return new Set(parsed.ok ? fieldsIn(parsed.filter) : []);
}
