import { setTimeout as delay } from 'node:timers/promises';
import { rolloutSchema } from '@towline/protocol/http';
import { median, rounded } from '../figures.ts';
import { type Ground, makePolicy, planRollout, startRollout, untilRollout } from './bench-ground.ts';
import { idleCostMs } from './idle-cost.ts';

const inFlight = 500;
/** What was just written is vacuumed and checkpointed meanwhile, which is no waiting. */
const settleMs = 20_000;
const looks = 7;
const lookSeconds = 4;

/** Everybody who is online, pending in one wave. Laid down here, for the plan of a million is not what is measured. */
const seed = [
  // Who was not heard of for a day is not taken for online.
  `update device set last_seen_at = now() where online`,
  `set session_replication_role = replica; set synchronous_commit = off`,
  `delete from rollout_device where rollout_id = $1`,
  `insert into rollout_device (tenant_id, rollout_id, device_id, place, wave)
   select tenant_id, $1, id, row_number() over (order by id), 1 from device where online`,
  `update rollout_count set devices = (select count(*) from rollout_device where rollout_id = $1) where rollout_id = $1`,
  `update rollout_wave set size = (select devices from rollout_count where rollout_id = $1) where rollout_id = $1`,
  `update rollout set devices = (select devices from rollout_count where rollout_id = $1) where id = $1`,
  `set session_replication_role = origin; set synchronous_commit = on`,
];

/**
 * What a second of waiting costs while so many devices are on their way and say nothing, all others pending without room: ticks look at them, and
 * at the next ones, each second. @returns the median of a few looks, milliseconds of processor time of control plane and database
 */
export async function measureWaiting(ground: Ground, known: number): Promise<number> {
  const { client, controlPlane, say } = ground;
  const policy = await makePolicy(ground, `waiting.${known}`, 'fleet.polder');
  const caps = { inFlight: 2 * inFlight, perCarrier: inFlight };
  const settings = { waves: { kind: 'counts', sizes: [known] }, caps, timeouts: { reachS: 3600 } };
  const { rows } = await client.query<{ id: string }>('select id from device where online limit 1');
  const selection = { filter: `id==${rows[0]?.id}` };
  const id = await planRollout(ground, { name: `waiting.${known}`, policy, selection, settings });
  for (const statement of seed) await client.query(statement, statement.includes('$1') ? [id] : []);
  for (const table of ['rollout_device', 'device', 'target']) await client.query(`vacuum (analyze) ${table}`);
  await client.query('checkpoint');
  await startRollout(ground, id);
  await untilRollout(ground, id, ({ counts }) => counts.opened === inFlight);
  await delay(settleMs);
  const costs: number[] = [];
  while (costs.length < looks) costs.push(await idleCostMs(controlPlane.pid, lookSeconds));
  const { counts } = await controlPlane.api.get(`/v1/rollouts/${id}`, rolloutSchema);
  say(
    `${known} devices known, ${counts.opened} on their way, ${counts.pending} pending: ${costs.map((ms) => rounded(ms, 1)).join(', ')} ms a second`,
  );
  await controlPlane.api.post(`/v1/rollouts/${id}/abort`, {}, rolloutSchema);
  // Who is on its way counts against the caps of every rollout.
  await client.query('update rollout_device set due_at = now() where rollout_id = $1 and due_at is not null', [id]);
  await untilRollout(ground, id, ({ counts: left }) => left.opened + left.changing === 0);
  return median(costs);
}
