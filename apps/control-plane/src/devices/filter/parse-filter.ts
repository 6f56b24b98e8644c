import type { ComparisonNode, ExpressionNode } from '@rsql/ast';
import { parse } from '@rsql/parser';
import { Fault, faultText } from '@towline/kit';

export const filterOperators = ['==', '!=', '<', '>', '<=', '>=', '=in=', '=out='] as const;
export type FilterOperator = (typeof filterOperators)[number];

export interface Comparison {
  readonly kind: 'comparison';
  readonly field: string;
  readonly operator: FilterOperator;
  readonly values: readonly string[];
}

/** An RSQL expression, chains of one connective flattened. `not` is never written: it comes from groups that are put in place of their names. */
export type Filter =
  | Comparison
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter };

export type ParsedFilter =
  | { readonly ok: true; readonly filter: Filter }
  /** `position` is the character at which it is wrong, from 1. */
  | { readonly ok: false; readonly position: number | null; readonly message: string };

export const maxComparisons = 50;
export const maxFilterDepth = 8;

const verbose: Readonly<Record<string, FilterOperator>> = { '=lt=': '<', '=gt=': '>', '=le=': '<=', '=ge=': '>=' };
const canonical = (operator: string): FilterOperator | undefined =>
  verbose[operator] ?? filterOperators.find((known) => known === operator);

function readComparison(node: ComparisonNode): Comparison {
  const operator = canonical(node.operator);
  if (!operator) throw new Fault('filter.operator', `unknown operator ${node.operator}: use one of == != =lt= =gt= =le= =ge= =in= =out=`);
  const { value } = node.right;
  return { kind: 'comparison', field: node.left.selector, operator, values: typeof value === 'string' ? [value] : value };
}

function readNode(node: ExpressionNode): Filter {
  if (node.type === 'COMPARISON') return readComparison(node);
  const kind = node.operator === ';' || node.operator === 'and' ? 'and' : 'or';
  const parts = [readNode(node.left), readNode(node.right)].flatMap((part) => (part.kind === kind ? part.parts : [part]));
  return { kind, parts };
}

/** What a filter is made of. */
export function partsOf(filter: Filter): readonly Filter[] {
  if (filter.kind === 'comparison') return [];
  return filter.kind === 'not' ? [filter.part] : filter.parts;
}

const depth = (filter: Filter): number => (filter.kind === 'comparison' ? 0 : 1 + Math.max(...partsOf(filter).map(depth)));
const size = (filter: Filter): number => (filter.kind === 'comparison' ? 1 : partsOf(filter).reduce((sum, part) => sum + size(part), 0));

const howToWrite = 'a comparison is a field, an operator and a value, such as site==north';

/** What the parser finds wrong, which it tells in its text only, as people can use it. Where a parenthesis began it tells wrongly. */
const misreadings: readonly (readonly [RegExp, (found: string) => string])[] = [
  [/^Unexpected end Cannot/, () => 'there is nothing in it: leave it out, or compare something, as in site==north'],
  [/^Unexpected end Did/, () => 'a parenthesis is not closed: write ) where its part ends'],
  [/^Unclosed quote '(.)'/, (quote) => `this quote is not closed: write ${quote} where the value ends`],
  [/^Unexpected end/, () => `more has to follow: ${howToWrite}`],
  [
    /^Unexpected (?:string|character) '(.*)' at/s,
    (found) =>
      `${JSON.stringify(found)} cannot stand here: ${howToWrite}; between two stands ; for and, or , for or; a value of other signs is quoted`,
  ],
];

function misread(source: string, text: string): Extract<ParsedFilter, { ok: false }> {
  const said = text.replace(` in "${source}".`, () => '');
  const place = /at position (\d+)$/.exec(said)?.[1];
  const messages = misreadings.flatMap(([sign, message]) => {
    const found = sign.exec(said);
    return found ? [message(found[1] ?? '')] : [];
  });
  return { ok: false, position: place === undefined ? source.length + 1 : Number(place), message: messages[0] ?? howToWrite };
}

const refused = (message: string): ParsedFilter => ({ ok: false, position: null, message });

/** Reads an RSQL expression of at most 50 comparisons, nested at most 8 deep. Fields are not looked at here. */
export function parseFilter(source: string): ParsedFilter {
  let filter: Filter;
  try {
    filter = readNode(parse(source));
  } catch (error) {
    return error instanceof Fault ? refused(error.message) : misread(source, faultText(error));
  }
  const [comparisons, levels] = [size(filter), depth(filter)];
  if (comparisons > maxComparisons)
    return refused(
      `it has ${comparisons} comparisons, and may have ${maxComparisons}: name several values at once, as in site=in=(north,south)`,
    );
  if (levels > maxFilterDepth) return refused(`it has ${levels} levels of parentheses, and may have ${maxFilterDepth}: write it flatter`);
  return { ok: true, filter };
}
