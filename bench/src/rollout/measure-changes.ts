import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '@towline/kit';
import { assignmentSchema, type VersionRef } from '@towline/protocol/http';
import { rounded } from '../figures.ts';
import { cpuSnapshot, cpuTimeEach } from '../ingest/cpu-time.ts';
import { type Ground, makePolicy, planRollout, startRollout, untilRollout } from './bench-ground.ts';
import type { GatewayFleet } from './gateway-fleet.ts';

const waveSize = 1000;
/** The next wave begins when a tenth of the one before has succeeded: what is on its way at once is for the caps. */
const successPercent = 10;
/**
 * All of one carrier and model, as a fleet often is; each is looked at for each opening. With 800 on their way a tenth of the processors stands idle,
 * with 1500 a twentieth.
 */
const caps = { inFlight: 1500, perCarrier: 2000, perModel: 2000, perSite: 200 };
const assignedAtOnce = 200;
const patienceMs = 240_000;

export interface ChangeFigures {
  /** From the start to the last success, as the database has it. */
  readonly devicesPerSecond: number;
  /** Processor time of control plane and database for one device, milliseconds. */
  readonly controlPlaneMsEach: number;
  readonly gatewaysMsEach: number;
  /** As the gateways see it, until they know that their success is told; of each of their processes the most, added up. */
  readonly mostChanging: number;
  /** Targets that were sent a second time, which changes nothing. */
  readonly copies: number;
}

export interface Changing {
  readonly fleet: GatewayFleet;
  readonly devices: readonly string[];
  /** Of the policy, and of what is made with it. */
  readonly name: string;
  /** None that the devices have already. */
  readonly apn: string;
}

/** A rollout to all, in waves. */
export function measureRollout(ground: Ground, changing: Changing): Promise<ChangeFigures> {
  const { devices, name } = changing;
  return measure(ground, changing, async (policy) => {
    const sizes = Array.from({ length: Math.ceil(devices.length / waveSize) }, () => waveSize);
    const settings = { waves: { kind: 'counts', sizes }, successPercent, caps };
    const from = performance.now();
    const id = await planRollout(ground, { name, policy, selection: { filter: 'id==*' }, settings });
    ground.say(`drafted and planned in ${Math.round(performance.now() - from)} ms`);
    await startRollout(ground, id);
    const done = await untilRollout(ground, id, ({ state }) => state !== 'running');
    if (done.counts.succeeded !== devices.length)
      throw new Fault('bench.not-all', `${done.state}, ${done.reason}: ${JSON.stringify(done.counts)}`);
    return 'select max(m.changed_at) - max(r.started_at) as took from rollout_device m join rollout r on r.id = m.rollout_id where r.policy_id = $1';
  });
}

/** The same messages and the same rows of targets without the engine: assigned by hand, as fast as that goes. */
export function measureAssignments(ground: Ground, changing: Changing): Promise<ChangeFigures> {
  const { devices } = changing;
  return measure(ground, changing, async (policy) => {
    for (let start = 0; start < devices.length; start += assignedAtOnce) {
      const some = devices.slice(start, start + assignedAtOnce);
      await ground.controlPlane.api.post('/v1/assignments', { policy, devices: some }, assignmentSchema);
    }
    await untilApplied(ground, policy, devices.length);
    return 'select max(status_at) - min(assigned_at) as took from target where policy_id = $1';
  });
}

async function untilApplied({ client }: Ground, { id }: VersionRef, wanted: number): Promise<void> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await client.query<{ applied: number }>(
      `select count(*)::int as applied from target where policy_id = $1 and status = 'applied'`,
      [id],
    );
    if (rows[0]?.applied === wanted) return;
    if (performance.now() > endMs) throw new Fault('bench.stuck', `${rows[0]?.applied} of ${wanted} applied`);
    await delay(500);
  }
}

/** @param change carries it out for a policy. @returns the SQL that gives the interval it took */
async function measure(
  ground: Ground,
  { fleet, devices, name, apn }: Changing,
  change: (policy: VersionRef) => Promise<string>,
): Promise<ChangeFigures> {
  const { controlPlane, client } = ground;
  const policy = await makePolicy(ground, name, apn);
  const before = { controlPlane: cpuSnapshot(controlPlane.pid), gatewaysMs: fleet.cpuMs() };
  const took = await change(policy);
  const cpuUs = cpuTimeEach(before.controlPlane, cpuSnapshot(controlPlane.pid), devices.length);
  const gatewaysMsEach = rounded((fleet.cpuMs() - before.gatewaysMs) / devices.length);
  const { rows } = await client.query<{ seconds: number }>(`select extract(epoch from took)::float8 as seconds from (${took}) t`, [
    policy.id,
  ]);
  const seconds = rows[0]?.seconds ?? Number.NaN;
  const { mostChanging, copies } = await fleet.changes();
  const figures = {
    devicesPerSecond: rounded(devices.length / seconds, 1),
    controlPlaneMsEach: rounded((cpuUs.node + cpuUs.postgres) / 1000),
    gatewaysMsEach,
    mostChanging,
    copies,
  };
  ground.say(
    `${name}: ${devices.length} devices in ${rounded(seconds, 1)} s, ${figures.devicesPerSecond} a second, each applied once, ${copies} told twice, at most ${mostChanging} on their way as gateways count; processor time each: control plane ${rounded(cpuUs.node / 1000)} ms, database ${rounded(cpuUs.postgres / 1000)} ms, gateways ${gatewaysMsEach} ms`,
  );
  return figures;
}
