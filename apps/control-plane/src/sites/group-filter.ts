import { deviceCondition, filterFieldsOf } from '../devices/device-filter.ts';
import { refusal } from '../platform/refusal.ts';
import { type Sql, sql } from '../platform/sql.ts';

/**
 * Looks at the filter of a group before it is stored: it must be one, and ask for no groups, so that no group can depend on itself.
 * @throws Fault `filter.invalid`
 */
export function checkGroupFilter(filter: string): void {
  deviceCondition(filter);
  if (filterFieldsOf(filter).has('group'))
    throw refusal('filter.invalid', 'the filter of a group names no groups', [{ path: 'filter', message: 'leave group out' }]);
}

/** Whether `device d` belongs to a group: it was added, or its filter matches. */
export function groupCondition({ id, filter }: { readonly id: string; readonly filter: string | null }): Sql {
  const isMember = sql`exists (select 1 from device_group_member m where m.tenant_id = d.tenant_id and m.group_id = ${id}::uuid and m.device_id = d.id)`;
  return filter === null ? isMember : sql`(${isMember} or (${deviceCondition(filter)}))`;
}
