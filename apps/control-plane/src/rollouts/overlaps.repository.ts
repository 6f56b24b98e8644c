import { type RolloutOverlap, rolloutOverlapSchema } from '@towline/protocol/http';
import type { Transaction } from '../platform/database.ts';
import { type Sql, sql } from '../platform/sql.ts';
import { type RolloutKey, readRows } from './live-rollout.repository.ts';
import { goesFirst } from './tick/step-view.repository.ts';

/** More than anybody reads. */
const mostShown = 100;

const isOnItsWay = (member: Sql) => sql`${member}.state in ('opened', 'changing')`;
const isAhead = (member: Sql) => sql`(${member}.state in ('pending', 'waiting') or ${member}.next_try_at is not null)`;

/** Other rollouts that have yet to bring devices of this one to an end, in the order in which they go. */
export function readOverlaps(tx: Transaction, { tenantId, id }: RolloutKey): Promise<RolloutOverlap[]> {
  const [m, o] = [sql`m`, sql`o`];
  return readRows(
    tx,
    rolloutOverlapSchema,
    sql`select f.id as rollout, f.name, f.state, f.priority, count(*)::int as devices, ${goesFirst} as "goesFirst"
          from rollout r join rollout f on f.tenant_id = r.tenant_id and f.id <> r.id and f.settled_at is null
          join rollout_device m on m.tenant_id = r.tenant_id and m.rollout_id = r.id
          join rollout_device o on o.tenant_id = f.tenant_id and o.rollout_id = f.id and o.device_id = m.device_id
         where r.tenant_id = ${tenantId} and r.id = ${id}::uuid and (${isOnItsWay(m)} or ${isAhead(m)})
           and (${isOnItsWay(o)} or (${isAhead(o)} and f.state in ('planned', 'awaiting-approval', 'scheduled', 'running', 'paused')))
         group by r.tenant_id, r.id, f.tenant_id, f.id order by f.priority desc, f.created_at, f.id limit ${mostShown}`,
  );
}
