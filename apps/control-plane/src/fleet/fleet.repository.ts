import type { FleetSummary } from '@towline/protocol/http';
import * as z from 'zod';
import type { Database } from '../platform/database.ts';

const rowsSchema = z.array(
  z.object({
    dimension: z.enum(['all', 'online', 'state', 'model', 'fault', 'target', 'drift', 'drifting', 'policy']),
    value: z.string().nullable(),
    count: z.int(),
  }),
);

/** One walk over the devices for all of their numbers, one over the targets, one over those that drift. */
const summarySql = `
  select case when grouping(online) = 0 then 'online' when grouping(connection_state) = 0 then 'state'
              when grouping(model) = 0 then 'model' when grouping(fault_code) = 0 then 'fault' else 'all' end as dimension,
         coalesce(online::text, connection_state, model, fault_code) as value, count(*)::int as count
    from device where tenant_id = $1
   group by grouping sets ((), (online), (connection_state), (model), (fault_code))
  union all
  select 'target', coalesce(status, case when held_at is null then 'waiting' else 'held' end), count(*)::int
    from target where tenant_id = $1 group by 2
  union all
  select case when grouping(f.field) = 0 then 'drift' when grouping(t.policy_id) = 0 then 'policy' else 'drifting' end,
         coalesce(f.field, t.policy_id::text || '@' || t.policy_version), count(distinct r.device_id)::int
    from device_drift r join target t on t.tenant_id = r.tenant_id and t.device_id = r.device_id, unnest(r.fields) as f (field)
   where r.tenant_id = $1 and r.since is not null and t.status is not null
   group by grouping sets ((), (f.field), (t.policy_id, t.policy_version))`;

export class FleetRepository {
  readonly #database: Pick<Database, 'pool'>;

  constructor(database: Pick<Database, 'pool'>) {
    this.#database = database;
  }

  async summary(tenantId: string): Promise<Omit<FleetSummary, 'at'>> {
    const rows = rowsSchema.parse((await this.#database.pool.query(summarySql, [tenantId])).rows);
    const counts = (dimension: (typeof rows)[number]['dimension']) =>
      rows
        .filter((row) => row.dimension === dimension)
        .map(({ value, count }) => ({ value, count }))
        .sort((left, right) => right.count - left.count);
    const total = counts('all')[0]?.count ?? 0;
    const targets = counts('target');
    const untargeted = total - targets.reduce((sum, { count }) => sum + count, 0);
    return {
      devices: total,
      online: counts('online').find(({ value }) => value === 'true')?.count ?? 0,
      byState: counts('state'),
      byModel: counts('model'),
      byFault: counts('fault'),
      drifting: counts('drifting')[0]?.count ?? 0,
      byDrift: counts('drift'),
      byDriftingPolicy: counts('policy'),
      byTargetStatus: untargeted > 0 ? [...targets, { value: null, count: untargeted }] : targets,
    };
  }
}
