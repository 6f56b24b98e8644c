import type { Selection } from '@towline/protocol/http';
import { deviceCondition, type SavedGroup } from '../devices/device-filter.ts';
import { type Sql, sql } from '../platform/sql.ts';
import { groupCondition } from '../sites/group-filter.ts';

/** A group as a selection needs it. */
export interface SelectedGroup {
  readonly id: string;
  /** RSQL, or null for a group of added members only. */
  readonly filter: string | null;
}

/**
 * A selection as a condition on `device d`, asked anew at each use: what it holds for belongs to it now.
 * @param group the one that the selection names, null where it names none
 * @param saved groups with filters of their own, which a filter may name
 * @throws Fault `filter.invalid`
 */
export function selectionCondition(
  { devices, filter, list }: Selection,
  group: SelectedGroup | null,
  saved: readonly SavedGroup[] = [],
): Sql {
  if (devices) return sql`d.id = any(${devices}::text[])`;
  if (filter !== undefined) return deviceCondition(filter, saved);
  if (group) return groupCondition(group);
  if (list !== undefined)
    return sql`exists (select 1 from device_list_member l where l.tenant_id = d.tenant_id and l.list_id = ${list}::uuid and l.device_id = d.id)`;
  return sql`false`;
}
