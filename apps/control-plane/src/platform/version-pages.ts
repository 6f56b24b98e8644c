import type { PageQuery } from '@towline/protocol/http';
import * as z from 'zod';
import { decodeCursor, pageOf } from './cursor.ts';

/** Profiles and policies alike: something with a name and versions that never change. */
interface VersionedRow {
  readonly id: string;
  readonly name: string;
  readonly versions: readonly { readonly version: number }[];
}

const namePlace = z.tuple([z.string()]);
const versionPlace = z.tuple([z.int()]);

const newestFirst = { version: 'desc' } as const;

/** What to ask Prisma for a page of them, by name, each with its latest version. @throws Fault `cursor.invalid` */
export function byName(tenantId: string, { cursor, limit }: PageQuery) {
  const place = decodeCursor(namePlace, cursor);
  return {
    where: { tenantId, ...(place ? { name: { gt: place[0] } } : {}) },
    orderBy: { name: 'asc' } as const,
    take: limit + 1,
    include: { versions: { select: { version: true }, orderBy: newestFirst, take: 1 } },
  };
}

/** The answer to `byName`. */
export function pageByName(rows: readonly VersionedRow[], limit: number) {
  const item = ({ id, name, versions }: VersionedRow) => ({ id, name, latest: versions[0]?.version ?? 1 });
  return pageOf(rows, limit, { item, place: (row) => [row.name] });
}

/** What to ask for a page of one's versions, newest first. @throws Fault `cursor.invalid` */
export function versionsNewestFirst({ cursor, limit }: PageQuery) {
  const place = decodeCursor(versionPlace, cursor);
  return { where: place ? { version: { lt: place[0] } } : {}, orderBy: newestFirst, take: limit + 1 };
}

/** The answer to `versionsNewestFirst`. */
export function pageOfVersions<Row extends { readonly version: number }, Item>(
  rows: readonly Row[],
  limit: number,
  item: (row: Row) => Item,
) {
  return pageOf(rows, limit, { item, place: (row) => [row.version] });
}
