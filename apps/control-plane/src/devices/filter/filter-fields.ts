import { type Sql, sql } from '../../platform/sql.ts';
import { effectiveZoneColumn } from '../../zones/effective-zone.ts';

/** How a field's values are read and compared. */
export type FilterField =
  | { readonly kind: 'number' | 'boolean' | 'time'; readonly column: Sql }
  /** `search`: where a value or a part of one is found without reading every device. */
  | { readonly kind: 'text'; readonly column: Sql; readonly search?: SearchCopy }
  | { readonly kind: 'tags'; readonly search: SearchCopy }
  /** Lies in other tables: `exists` says how to get there, the condition on `column` goes inside; `absent` is what nothing there is called. */
  | { readonly kind: 'related'; readonly column: Sql; readonly exists: (condition: Sql) => Sql; readonly absent?: string };

/**
 * A narrow table beside the device that holds one of its fields: the condition on `column` goes inside `exists`. `beyond` is where a walk
 * by id begins (`> '3f…'`): Postgres doesn't carry it over from `d.id` and would walk the copy from its start.
 */
export interface SearchCopy {
  readonly column: Sql;
  /** It finds whole values only, and those of other fields too: the field's own column is asked as well. */
  readonly wholeValues?: true;
  readonly exists: (condition: Sql, beyond: Sql | null) => Sql;
}

const text = (column: Sql): FilterField => ({ kind: 'text', column });

const nameCopy: SearchCopy = {
  column: sql`n.name`,
  exists: (condition, beyond) =>
    sql`exists (select 1 from device_name n where n.tenant_id = d.tenant_id and n.device_id = d.id${beyond ? sql` and n.device_id ${beyond}` : sql``} and ${condition})`,
};

const tagCopy: SearchCopy = {
  column: sql`w.tag`,
  exists: (condition, beyond) =>
    sql`exists (select 1 from device_tag w where w.tenant_id = d.tenant_id and w.device_id = d.id${beyond ? sql` and w.device_id ${beyond}` : sql``} and ${condition})`,
};

const identityCopy: SearchCopy = {
  column: sql`i.value`,
  wholeValues: true,
  exists: (condition) =>
    sql`exists (select 1 from device_identity i where i.tenant_id = d.tenant_id and i.device_id = d.id and ${condition})`,
};

const identity = (column: Sql): FilterField => ({ kind: 'text', column, search: identityCopy });

/** How far a device is with its target `t`, in the API's words. The index `target_shown_status` has this expression, letter for letter. */
export const targetStatusColumn = sql`coalesce(t.status, case when t.held_at is null then 'waiting' else 'held' end)`;

/** Everything a filter may name. `d` is the device, and every subquery stays in its tenant. */
export const filterFields: Readonly<Record<string, FilterField>> = {
  id: text(sql`d.id`),
  name: { kind: 'text', column: sql`d.name`, search: nameCopy },
  tag: { kind: 'tags', search: tagCopy },
  online: { kind: 'boolean', column: sql`d.online` },
  lastSeen: { kind: 'time', column: sql`d.last_seen_at` },
  model: text(sql`d.model`),
  imei: identity(sql`d.imei`),
  iccid: identity(sql`d.iccid`),
  imsi: identity(sql`d.imsi`),
  homePlmn: text(sql`d.home_plmn`),
  servingPlmn: text(sql`d.serving_plmn`),
  registration: text(sql`d.registration`),
  state: text(sql`d.connection_state`),
  apn: text(sql`d.apn`),
  fault: text(sql`d.fault_code`),
  signal: { kind: 'number', column: sql`d.signal_dbm` },
  zone: text(effectiveZoneColumn),
  site: {
    kind: 'related',
    column: sql`s.name`,
    exists: (condition) => sql`d.site_id in (select s.id from site s where s.tenant_id = d.tenant_id and ${condition})`,
  },
  group: {
    kind: 'related',
    column: sql`g.name`,
    exists: (condition) =>
      sql`exists (select 1 from device_group_member m join device_group g on g.tenant_id = m.tenant_id and g.id = m.group_id where m.tenant_id = d.tenant_id and m.device_id = d.id and ${condition})`,
  },
  policy: {
    kind: 'related',
    column: sql`p.name`,
    exists: (condition) =>
      sql`exists (select 1 from target t join apn_policy p on p.tenant_id = t.tenant_id and p.id = t.policy_id where t.tenant_id = d.tenant_id and t.device_id = d.id and ${condition})`,
  },
  drift: {
    kind: 'related',
    column: sql`f.field`,
    absent: 'none',
    exists: (condition) =>
      sql`exists (select 1 from device_drift x, unnest(x.fields) as f (field) where x.tenant_id = d.tenant_id and x.device_id = d.id and x.since is not null and ${condition})`,
  },
  targetStatus: {
    kind: 'related',
    column: targetStatusColumn,
    absent: 'none',
    exists: (condition) => sql`exists (select 1 from target t where t.tenant_id = d.tenant_id and t.device_id = d.id and ${condition})`,
  },
};
