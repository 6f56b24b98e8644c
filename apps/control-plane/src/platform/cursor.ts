import type * as z from 'zod';
import { refusal } from './refusal.ts';

/** Where a page ended, opaque to the caller. It holds no secret and is parsed like any other input. */
export function encodeCursor(place: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * The place that a cursor names; null without one.
 * @throws Fault `cursor.invalid`
 */
export function decodeCursor<Place>(schema: z.ZodType<Place>, cursor: string | undefined): Place | null {
  if (cursor === undefined) return null;
  const parsed = schema.safeParse(decoded(cursor));
  if (parsed.success) return parsed.data;
  const message = 'use the next of the page before, with the same filter and sort';
  throw refusal('cursor.invalid', 'this cursor does not belong to this list', [{ path: 'cursor', message }]);
}

/** One row more than asked for was read: it only tells that there is a next page. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  map: { item: (row: Row) => Item; place: (row: Row) => readonly unknown[] },
) {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(map.item), next: last === undefined ? null : encodeCursor(map.place(last)) };
}
