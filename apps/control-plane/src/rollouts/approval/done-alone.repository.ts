import { type DryRunRisk, dryRunCountSchema } from '@towline/protocol/http';
import * as z from 'zod';
import type { Caller } from '../../operators/authorise.ts';
import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { readRows, runSql } from '../live-rollout.repository.ts';
import type { Reach } from './approval-causes.ts';

const reachSchema = z.object({ devices: z.int(), later: z.int(), risks: z.array(dryRunCountSchema) });

/** By the database's clock. */
const ofLate = sql`now() - interval '24 hours'`;

/** One call of a person at a time, until its transaction ends, so that two together do not pass what one may not. */
async function lockPerson(tx: Transaction, { tenant, id }: Caller): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`alone/${tenant}/${id}`}, 0))`;
}

export interface AssignedDevice {
  readonly id: string;
  readonly risks: readonly DryRunRisk[];
}

/** Devices, each with its risks, that this person assigns something by hand. What they risked a while ago still counts; who is unknown is left out. */
export async function noteAssigned(tx: Transaction, caller: Caller, devices: readonly AssignedDevice[]): Promise<void> {
  const { tenant, id: person } = caller;
  await lockPerson(tx, caller);
  await runSql(tx, sql`delete from assigned_alone where tenant_id = ${tenant} and person = ${person}::uuid and at <= ${ofLate}`);
  await runSql(
    tx,
    sql`insert into assigned_alone (tenant_id, person, device_id, risks)
        select d.tenant_id, ${person}::uuid, d.id, array(select jsonb_array_elements_text(n.risks))
          from jsonb_to_recordset(${JSON.stringify(devices)}::jsonb) as n (id text, risks jsonb)
          join device d on d.tenant_id = ${tenant} and d.id = n.id
        on conflict (tenant_id, person, device_id) do update
          set at = excluded.at, risks = array(select distinct unnest(assigned_alone.risks || excluded.risks))`,
  );
}

/**
 * What this person assigned, or submitted and nobody else had to approve, in the last 24 hours. Each device counts once, towards a risk by hand and in each rollout.
 * @param submitting a rollout that counts as if nobody had to approve it
 */
export async function readDoneAlone(tx: Transaction, caller: Caller, submitting: string | null): Promise<Reach> {
  const { tenant, id: person } = caller;
  await lockPerson(tx, caller);
  const [reach] = await readRows(
    tx,
    reachSchema,
    sql`with alone as (
          select id, risks, coalesce((selection #>> '{dynamic,growthLimit}')::int - grown, 0) as later from rollout
           where tenant_id = ${tenant} and (id = ${submitting}::uuid or (submitted_by = ${person}::uuid and submitted_at > ${ofLate}
             and approval_causes = '{}' and not (state = 'aborted' and started_at is null)))),
        assigned as (
          select device_id, risks from assigned_alone where tenant_id = ${tenant} and person = ${person}::uuid and at > ${ofLate}),
        reached as (
          select device_id from assigned union select device_id from rollout_device where tenant_id = ${tenant} and rollout_id in (select id from alone)),
        risked as (
          select risk as value, 1 as count from assigned, unnest(risks) as risk
          union all select r.value, r.count from alone, jsonb_to_recordset(alone.risks) as r (value text, count int))
        select (select count(*) from reached)::int + (select coalesce(sum(later), 0) from alone)::int as devices,
               (select coalesce(sum(later) filter (where risks is not null), 0) from alone)::int as later,
               (select coalesce(jsonb_agg(jsonb_build_object('value', value, 'count', count)), '[]')
                  from (select value, sum(count) as count from risked group by value) r) as risks`,
  );
  return reach ?? { devices: 0, later: 0, risks: [] };
}
