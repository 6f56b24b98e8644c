import type { Transaction } from '../platform/database.ts';
import { filterFieldsOf, type SavedGroup } from './device-filter.ts';

/** The groups with filters of their own that a filter may mean; none are read for a filter that asks for no group. */
export async function readGroupFilters(tx: Transaction, tenantId: string, filter: string | undefined): Promise<SavedGroup[]> {
  if (filter === undefined || !filterFieldsOf(filter).has('group')) return [];
  const rows = await tx.deviceGroup.findMany({ where: { tenantId, filter: { not: null } }, select: { name: true, filter: true } });
  return rows.flatMap(({ name, filter: own }) => (own === null ? [] : [{ name, filter: own }]));
}
