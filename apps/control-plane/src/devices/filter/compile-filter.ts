import { joinSql, type Sql, type SqlValue, sql } from '../../platform/sql.ts';
import { type FilterField, filterFields } from './filter-fields.ts';
import type { Comparison, Filter, FilterOperator } from './parse-filter.ts';

export type CompiledFilter = { readonly ok: true; readonly condition: Sql } | { readonly ok: false; readonly messages: readonly string[] };

type Compared = Sql | { readonly wrong: string };

const isSql = (compared: Compared): compared is Sql => 'texts' in compared;

const ordering: Partial<Record<FilterOperator, Sql>> = { '<': sql`<`, '>': sql`>`, '<=': sql`<=`, '>=': sql`>=` };

const hasWildcard = (value: string) => value.includes('*');

/** `*` stands for anything; what LIKE itself would take as special is escaped. */
const likePattern = (value: string) => value.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%');

/** Letters count without their case only where a wildcard is used. */
const textEquals = (column: Sql, value: string): Sql =>
  hasWildcard(value) ? sql`${column} ilike ${likePattern(value)}` : sql`${column} = ${value}`;

const anyOf = (conditions: readonly Sql[]): Sql => sql`(${joinSql(conditions, ' or ')})`;

/** Several values are asked for at once: each on its own Postgres would look up device by device. */
function textIsAnyOf(column: Sql, values: readonly string[]): Sql {
  const whole = values.filter((value) => !hasWildcard(value));
  const patterns = values.filter(hasWildcard).map((value) => textEquals(column, value));
  return anyOf(whole.length > 1 ? [sql`${column} = any(${whole}::text[])`, ...patterns] : values.map((value) => textEquals(column, value)));
}

/** What is unknown differs from every value. */
const negated = (condition: Sql): Sql => sql`(${condition}) is not true`;

function textMatches({ column, search }: Extract<FilterField, { kind: 'text' }>, values: readonly string[], beyond: Sql | null): Sql {
  const own = textIsAnyOf(column, values);
  if (!search || (search.wholeValues && values.some(hasWildcard))) return own;
  const copied = search.exists(textIsAnyOf(search.column, values), beyond);
  return search.wholeValues ? sql`(${own} and ${copied})` : copied;
}

function compareText(field: Extract<FilterField, { kind: 'text' }>, { operator, values }: Comparison, beyond: Sql | null): Compared {
  const order = ordering[operator];
  if (order) return sql`${field.column} ${order} ${values[0] ?? ''}`;
  const matches = textMatches(field, values, beyond);
  return operator === '!=' || operator === '=out=' ? negated(matches) : matches;
}

function compareTags({ search }: Extract<FilterField, { kind: 'tags' }>, { operator, values }: Comparison, beyond: Sql | null): Compared {
  if (ordering[operator]) return { wrong: `tag knows == != =in= =out=, not ${operator}` };
  const matches = search.exists(textIsAnyOf(search.column, values), beyond);
  return operator === '!=' || operator === '=out=' ? negated(matches) : matches;
}

const readers = {
  number: (value: string) => (/^-?\d{1,9}(\.\d{1,6})?$/.test(value) ? Number(value) : null),
  boolean: (value: string) => (value === 'true' || value === 'false' ? value === 'true' : null),
  time: (value: string) => (/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(value) ? validTime(value) : null),
} as const;

const examples = { number: '-110', boolean: 'true or false', time: '2026-01-31T12:00:00Z' } as const;

function validTime(value: string): Date | null {
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? null : time;
}

const casts = { number: sql`::real`, boolean: sql`::boolean`, time: sql`::timestamptz` } as const;

function compareTyped(field: { kind: keyof typeof readers; column: Sql }, comparison: Comparison): Compared {
  const { operator, values } = comparison;
  const read: SqlValue[] = [];
  for (const value of values) {
    const known = readers[field.kind](value);
    if (known === null)
      return { wrong: `${comparison.field} wants a ${field.kind} such as ${examples[field.kind]}, not ${JSON.stringify(value)}` };
    read.push(known);
  }
  const order = ordering[operator];
  if (order && field.kind === 'boolean') return { wrong: `${comparison.field} knows == and !=, not ${operator}` };
  const cast = casts[field.kind];
  if (order) return sql`${field.column} ${order} ${read[0] ?? null}${cast}`;
  const matches = anyOf(read.map((value) => sql`${field.column} = ${value}${cast}`));
  return operator === '!=' || operator === '=out=' ? negated(matches) : matches;
}

/** Negation stands outside the subquery: `group!=north` is a device that is in no group of that name. */
function compareRelated(field: Extract<FilterField, { kind: 'related' }>, comparison: Comparison): Compared {
  if (ordering[comparison.operator]) return { wrong: `${comparison.field} knows == != =in= =out=, not ${comparison.operator}` };
  const present = comparison.values.filter((value) => value !== field.absent);
  const found = present.length > 0 ? [field.exists(textIsAnyOf(field.column, present))] : [];
  const missing = present.length < comparison.values.length ? [sql`not ${field.exists(sql`true`)}`] : [];
  const matches = anyOf([...found, ...missing]);
  return comparison.operator === '!=' || comparison.operator === '=out=' ? negated(matches) : matches;
}

function compare(comparison: Comparison, beyond: Sql | null): Compared {
  const field = Object.hasOwn(filterFields, comparison.field) ? filterFields[comparison.field] : undefined;
  if (!field) return { wrong: `unknown field ${JSON.stringify(comparison.field)}: use one of ${Object.keys(filterFields).join(', ')}` };
  if (comparison.values.some((value) => value.includes('\u0000')))
    return { wrong: `${comparison.field} cannot be compared with a NUL character` };
  if (ordering[comparison.operator] && comparison.values.length > 1)
    return { wrong: `${comparison.field} is less or more than one value, not than ${comparison.values.length}` };
  switch (field.kind) {
    case 'text':
      return compareText(field, comparison, beyond);
    case 'tags':
      return compareTags(field, comparison, beyond);
    case 'related':
      return compareRelated(field, comparison);
    default:
      return compareTyped({ kind: field.kind, column: field.column }, comparison);
  }
}

/**
 * A filter as a condition on `device d`; values become parameters, never text.
 * @param beyond what a walk by id compares `d.id` with, when that is how the devices are read: it changes the way, not the result
 */
export function compileFilter(filter: Filter, beyond: Sql | null = null): CompiledFilter {
  if (filter.kind === 'comparison') {
    const compared = compare(filter, beyond);
    return isSql(compared) ? { ok: true, condition: compared } : { ok: false, messages: [compared.wrong] };
  }
  if (filter.kind === 'not') {
    const compiled = compileFilter(filter.part, beyond);
    return compiled.ok ? { ok: true, condition: negated(compiled.condition) } : compiled;
  }
  const parts = filter.parts.map((part) => compileFilter(part, beyond));
  const messages = parts.flatMap((part) => (part.ok ? [] : part.messages));
  if (messages.length > 0) return { ok: false, messages };
  const conditions = parts.flatMap((part) => (part.ok ? [sql`(${part.condition})`] : []));
  return { ok: true, condition: joinSql(conditions, filter.kind === 'and' ? ' and ' : ' or ') };
}
