import * as z from 'zod';
import type { Transaction } from '../platform/database.ts';
import { type Sql, sql } from '../platform/sql.ts';
import { cutWaves } from './decide/cut-waves.ts';
import { type LiveRollout, readRows, runSql } from './live-rollout.repository.ts';

/** Devices written in one statement: a million must not run into the time-out of one. */
const chunkSize = 20_000;

const lengthOf = (list: Sql) => sql`case when jsonb_typeof(${list}) = 'array' then jsonb_array_length(${list}) else 0 end`;

/** Second ways to reach a device, as far as its last report tells: every modem beyond the first, and every way out that is no modem. */
export const lifelines = sql`(greatest(${lengthOf(sql`d.reported -> 'modems'`)} - 1, 0) + ${lengthOf(sql`d.reported -> 'uplinks'`)})`;

const countSchema = z.object({ devices: z.int() });

async function forget(tx: Transaction, { tenantId, id }: LiveRollout): Promise<void> {
  for (const table of [sql`rollout_device`, sql`rollout_wave`, sql`rollout_count`]) {
    await runSql(tx, sql`delete from ${table} where tenant_id = ${tenantId} and rollout_id = ${id}::uuid`);
  }
}

/**
 * Lays down which devices a rollout is for, in which order and which wave: those with most lifelines first, else by lot, so that a wave is of
 * all parts of the fleet. Planned again, it forgets the plan before. @param condition on `device d` @returns how many there are
 */
export async function writePlan(tx: Transaction, rollout: LiveRollout, condition: Sql): Promise<number> {
  const { tenantId, id, settings } = rollout;
  await forget(tx, rollout);
  await runSql(
    tx,
    sql`create temporary table rollout_plan on commit drop as
        select d.id as device_id, ${lifelines} as lifelines, row_number() over (order by ${lifelines} desc, hashtextextended(d.id, hashtext(${id}))) as place
          from device d where d.tenant_id = ${tenantId} and (${condition})`,
  );
  const [counted] = await readRows(tx, countSchema, sql`select count(*)::int as devices from rollout_plan`);
  const devices = counted?.devices ?? 0;
  const sizes = cutWaves(settings.waves, devices);
  const firsts = sizes.map((_, index) => 1 + sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
  for (const [index, size] of sizes.entries()) {
    const manual = settings.manualWaves.includes(index + 1);
    await runSql(
      tx,
      sql`insert into rollout_wave (tenant_id, rollout_id, number, size, manual) values (${tenantId}, ${id}::uuid, ${index + 1}, ${size}, ${manual})`,
    );
  }
  for (let after = 0; after < devices; after += chunkSize) {
    await runSql(
      tx,
      sql`insert into rollout_device (tenant_id, rollout_id, device_id, place, wave, lifelines)
          select ${tenantId}, ${id}::uuid, device_id, place, width_bucket(place, ${firsts}::bigint[]), lifelines from rollout_plan
           where place > ${after} and place <= ${after + chunkSize}`,
    );
  }
  await runSql(
    tx,
    sql`update rollout set devices = ${devices}, grown = 0, current_wave = 0 where tenant_id = ${tenantId} and id = ${id}::uuid`,
  );
  await runSql(tx, sql`drop table rollout_plan`);
  return devices;
}
