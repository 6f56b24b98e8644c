import * as z from 'zod';
import { deviceCondition } from '../devices/device-filter.ts';
import type { Transaction } from '../platform/database.ts';
import { renderSql, type Sql, sql } from '../platform/sql.ts';

const rowsSchema = z.array(z.object({ device: z.string(), id: z.uuid(), rank: z.int() }));

/** A group as composition asks for it. */
export interface RankedGroup {
  readonly id: string;
  readonly rank: number;
}

/** The groups whose filters match these devices now, by device: one query for all of them, and none where the tenant has no such group. */
export async function readFilterGroups(
  tx: Transaction,
  tenantId: string,
  devices: readonly string[],
): Promise<ReadonlyMap<string, readonly RankedGroup[]>> {
  const groups = await tx.deviceGroup.findMany({
    where: { tenantId, filter: { not: null } },
    select: { id: true, rank: true, filter: true },
  });
  const matching = groups.map(
    ({ id, rank, filter }) =>
      sql`select d.id as device, ${id}::uuid as id, ${rank}::int as rank from device d where d.tenant_id = ${tenantId} and d.id = any(${devices}::text[]) and (${deviceCondition(filter ?? undefined)})`,
  );
  const [first, ...rest] = matching;
  if (!first) return new Map();
  const { text, values } = renderSql(rest.reduce<Sql>((whole, one) => sql`${whole} union all ${one}`, first));
  const found = new Map<string, RankedGroup[]>();
  for (const { device, id, rank } of rowsSchema.parse(await tx.$queryRawUnsafe(text, ...values)))
    found.set(device, [...(found.get(device) ?? []), { id, rank }]);
  return found;
}
