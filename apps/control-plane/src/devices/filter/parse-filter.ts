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
  /** `position` is the character where reading stopped, from 1. */
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

/** The parser tells the place in its text only. */
function positionIn(message: string, source: string): number | null {
  const named = /position (\d+)/.exec(message)?.[1];
  if (message.startsWith('Unexpected end')) return source.length + 1;
  return named === undefined ? null : Number(named);
}

/** Reads an RSQL expression of at most 50 comparisons, nested at most 8 deep. Fields are not looked at here. */
export function parseFilter(source: string): ParsedFilter {
  let filter: Filter;
  try {
    filter = readNode(parse(source));
  } catch (error) {
    const message = faultText(error);
    return { ok: false, position: positionIn(message, source), message };
  }
  if (size(filter) > maxComparisons) return { ok: false, position: null, message: `at most ${maxComparisons} comparisons` };
  if (depth(filter) > maxFilterDepth) return { ok: false, position: null, message: `at most ${maxFilterDepth} levels of parentheses` };
  return { ok: true, filter };
}
