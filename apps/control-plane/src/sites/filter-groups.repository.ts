import * as z from 'zod';
import { deviceCondition } from '../devices/device-filter.ts';
import type { Transaction } from '../platform/database.ts';
import { renderSql, type Sql, sql } from '../platform/sql.ts';

const rowsSchema = z.array(z.object({ device: z.string(), id: z.uuid(), name: z.string(), rank: z.int() }));

/** A group as composition asks for it. */
export interface RankedGroup {
  readonly id: string;
  readonly rank: number;
}

export interface MatchedGroup extends RankedGroup {
  readonly name: string;
}

/** The groups whose filters match these devices now, by device: one query for all of them, and none where the tenant has no such group. */
export async function readFilterGroups(
  tx: Transaction,
  tenantId: string,
  devices: readonly string[],
): Promise<ReadonlyMap<string, readonly MatchedGroup[]>> {
  const groups = await tx.deviceGroup.findMany({
    where: { tenantId, filter: { not: null } },
    select: { id: true, name: true, rank: true, filter: true },
  });
  const matching = groups.map(
    ({ id, name, rank, filter }) =>
      sql`select d.id as device, ${id}::uuid as id, ${name}::text as name, ${rank}::int as rank from device d where d.tenant_id = ${tenantId} and d.id = any(${devices}::text[]) and (${deviceCondition(filter ?? undefined)})`,
  );
  const [first, ...rest] = matching;
  if (!first) return new Map();
  const { text, values } = renderSql(rest.reduce<Sql>((whole, one) => sql`${whole} union all ${one}`, first));
  const found = new Map<string, MatchedGroup[]>();
  for (const { device, ...group } of rowsSchema.parse(await tx.$queryRawUnsafe(text, ...values)))
    found.set(device, [...(found.get(device) ?? []), group]);
  return found;
}

/** A device that was added to a group whose filter it matches too is in it once. */
export const unionOf = <Group extends RankedGroup>(added: readonly Group[], matched: readonly Group[]): Group[] => [
  ...added,
  ...matched.filter(({ id }) => added.every((group) => group.id !== id)),
];
