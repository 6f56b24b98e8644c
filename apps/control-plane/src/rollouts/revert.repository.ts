import { rolloutSettingsSchema } from '@towline/protocol/http';
import type { Transaction } from '../platform/database.ts';
import { sql } from '../platform/sql.ts';
import { type LiveRollout, runSql } from './live-rollout.repository.ts';

/** Before every other rollout: a way back waits for nobody. */
const wayBackPriority = 1_000_000;
const wayBackTries = 3;

const settingsOf = ({ settings }: LiveRollout) =>
  rolloutSettingsSchema.parse({
    waves: { kind: 'counts', sizes: [1_000_000] },
    successPercent: 0,
    breaker: { percent: 100, minimumSample: 1_000_000, action: 'pause' },
    caps: settings.caps,
    timeouts: settings.timeouts,
    retries: { attempts: wayBackTries, baseS: 60 },
    brake: settings.brake,
    endAfterS: 90 * 86_400,
  });

/**
 * Makes the rollout by which the devices of `original` go back, each to its policy version of before, grouped by it. Who has been given
 * something else since, or has nothing to go back to, is left out. It runs at once; `original` has been locked and moved to `reverting`.
 */
export async function beginWayBack(tx: Transaction, original: LiveRollout, { id, actor }: { id: string; actor: string }): Promise<void> {
  const { tenantId, id: from } = original;
  const settings = JSON.stringify(settingsOf(original));
  await runSql(
    tx,
    sql`insert into rollout (tenant_id, id, name, kind, selection, settings, state, priority, current_wave, created_by, started_at, end_at, revert_of)
        values (${tenantId}, ${id}::uuid, ${`Way back: ${original.name}`.slice(0, 80)}, 'policy', '{}'::jsonb, ${settings}::jsonb, 'running', ${wayBackPriority}, 1,
                ${actor}::uuid, now(), now() + interval '90 days', ${from}::uuid)`,
  );
  const devices = await runSql(
    tx,
    sql`insert into rollout_device (tenant_id, rollout_id, device_id, wave, place, lifelines, state, code, policy_id, policy_version)
        select m.tenant_id, ${id}::uuid, m.device_id, 1, row_number() over (order by m.before_policy, m.before_version, m.lifelines desc, m.device_id),
               m.lifelines, case when s.code is null then 'pending' else 'skipped' end, s.code, m.before_policy, m.before_version
          from rollout_device m left join target t on t.tenant_id = m.tenant_id and t.device_id = m.device_id,
               lateral (select case when (t.epoch, t.number) is distinct from (m.epoch, m.number) then 'target.changed-since'
                                    when m.before_policy is null then 'target.none-before' end as code) s
         where m.tenant_id = ${tenantId} and m.rollout_id = ${from}::uuid and m.number is not null`,
  );
  await runSql(
    tx,
    sql`insert into rollout_wave (tenant_id, rollout_id, number, size, opened_at) values (${tenantId}, ${id}::uuid, 1, ${devices}, now())`,
  );
  await runSql(tx, sql`update rollout set devices = ${devices} where tenant_id = ${tenantId} and id = ${id}::uuid`);
  await runSql(
    tx,
    sql`update rollout_device set state = case when state in ('opened', 'changing') then 'cancelled' else state end,
               code = case when state in ('opened', 'changing') then 'rollout.reverted' else code end, watched = false, due_at = null, changed_at = now()
         where tenant_id = ${tenantId} and rollout_id = ${from}::uuid and watched`,
  );
}
