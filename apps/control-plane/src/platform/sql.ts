/** What a parameter may be. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | null
  | readonly string[]
  | readonly number[]
  | readonly Date[]
  | readonly (string | null)[];

/** A piece of SQL whose values never touch its text. */
export interface Sql {
  /** One text more than values: a value stands between each two. */
  readonly texts: readonly string[];
  readonly values: readonly SqlValue[];
}

const isSql = (part: Sql | SqlValue): part is Sql => typeof part === 'object' && part !== null && 'texts' in part;

function append(left: Sql, right: Sql): Sql {
  const last = left.texts.at(-1) ?? '';
  const [first = '', ...rest] = right.texts;
  return { texts: [...left.texts.slice(0, -1), last + first, ...rest], values: [...left.values, ...right.values] };
}

const bare = (text: string): Sql => ({ texts: [text], values: [] });

/** Tagged template: what is put in is a parameter, or a piece of SQL made by this same tag. */
export function sql(texts: TemplateStringsArray, ...parts: readonly (Sql | SqlValue)[]): Sql {
  let whole = bare(texts[0] ?? '');
  for (const [index, part] of parts.entries()) {
    whole = append(append(whole, isSql(part) ? part : { texts: ['', ''], values: [part] }), bare(texts[index + 1] ?? ''));
  }
  return whole;
}

/** The pieces one after the other, with a separator in between. */
export function joinSql(pieces: readonly Sql[], separator: ' and ' | ' or ' | ', '): Sql {
  const [first, ...rest] = pieces;
  if (!first) return bare('');
  return rest.reduce((whole, piece) => append(append(whole, bare(separator)), piece), first);
}

/** All of them must hold; none given holds always. */
export function allOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0
    ? bare('true')
    : joinSql(
        conditions.map((condition) => sql`(${condition})`),
        ' and ',
      );
}

/** As Postgres wants it: `$1`, `$2` … and the values in that order. */
export function renderSql(piece: Sql): { text: string; values: unknown[] } {
  const text = piece.texts.reduce((whole, part, index) => (index === 0 ? part : `${whole}$${index}${part}`), '');
  return { text, values: [...piece.values] };
}
