import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '@towline/kit';
import { policyVersionSchema, profileVersionSchema, type Rollout, rolloutSchema, type VersionRef } from '@towline/protocol/http';
import { Client } from 'pg';
import * as z from 'zod';
import { growFleet } from '../api/fleet-rows.ts';
import { endChild, nextMessage, startChild } from '../child.ts';
import { type Figures, rounded, type Say } from '../figures.ts';
import { cpuSnapshot, cpuTimeEach } from '../ingest/cpu-time.ts';
import { type BenchedControlPlane, raiseControlPlane, type Workplace } from '../workplace.ts';
import { fleetWordSchema } from './fleet-order.ts';
import { idleCostMs } from './idle-cost.ts';

const fleetSize = 10_000;
const largeFleet = 100_000;
const leastPerSecond = 500;
const mostTickRatio = 2;
const inFlight = 2000;
const heldInFlight = 500;
const idleSeconds = 15;
const patienceMs = 180_000;

const explanation = [
  `${fleetSize} gateways in one process, real MQTT over raw sockets, against the control plane as its users run it (embedded Postgres at its defaults: fsync`,
  `and synchronous commit on). One rollout of a policy version to all of them, one wave, at most ${inFlight} on their way; each gateway answers at once with`,
  'two state reports of a modem, applying and applied. Devices a second: from the start to the last success, as the database has it. The fleet shares the',
  `machine. Then what a second of waiting costs with ${heldInFlight} devices on their way that say nothing, the rest pending without room: processor time of control`,
  `plane and database with ${fleetSize} devices in the rollout and with ${largeFleet}.`,
];

const idsSchema = z.array(z.object({ id: z.string() }));

interface Bench {
  readonly place: Workplace;
  readonly controlPlane: BenchedControlPlane;
  readonly client: Client;
  readonly say: Say;
}

/** How fast a rollout goes, and what waiting costs. */
export async function rollout(place: Workplace, say: Say): Promise<Figures> {
  for (const line of explanation) say(line);
  const controlPlane = await raiseControlPlane(place);
  const client = new Client({ connectionString: controlPlane.databaseUrl });
  await client.connect();
  place.atEnd(() => client.end());
  const bench = { place, controlPlane, client, say };
  await grow(bench, { from: 0, to: fleetSize });
  const { devicesPerSecond, cpuMsEach, mostChanging } = await measureSpeed(bench);
  const small = await measureWaiting(bench, fleetSize);
  await grow(bench, { from: fleetSize, to: largeFleet });
  const large = await measureWaiting(bench, largeFleet);
  const tickRatio = rounded(large / small);
  say(
    `${devicesPerSecond} devices/s, ${cpuMsEach} ms of processor time each; limit ${leastPerSecond}. Waiting: ${tickRatio} times; limit ${mostTickRatio}.`,
  );
  return {
    devicesPerSecond,
    leastPerSecond,
    cpuMsEach,
    mostChanging,
    waitingMsSmall: rounded(small, 1),
    waitingMsLarge: rounded(large, 1),
    tickRatio,
    mostTickRatio,
    met: devicesPerSecond >= leastPerSecond && tickRatio <= mostTickRatio,
  };
}

/** Whoever is grown has no target yet: the benchmark's rollout gives the first. */
async function grow({ client, say }: Bench, growth: { from: number; to: number }): Promise<void> {
  await growFleet(client, growth);
  await client.query('set session_replication_role = origin; set synchronous_commit = on');
  await client.query('delete from target where rollout_id is null');
  await client.query('update tenant set approval_above = null');
  say(`${growth.to} devices`);
}

async function makePolicy({ controlPlane: { api } }: Bench, apn: string): Promise<VersionRef> {
  const profile = { apn, ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true };
  const made = await api.post('/v1/profiles', { name: apn, profile }, profileVersionSchema);
  const rules = [{ name: 'everyone', level: 'fleet', profile: { id: made.id, version: made.version } }];
  const { id, version } = await api.post('/v1/policies', { name: apn, rules }, policyVersionSchema);
  return { id, version };
}

async function begin(bench: Bench, apn: string, settings: object): Promise<string> {
  const { api } = bench.controlPlane;
  const draft = { name: apn, policy: await makePolicy(bench, apn), selection: { filter: 'id==*' }, settings };
  const { id } = await api.post('/v1/rollouts', draft, rolloutSchema);
  for (const act of ['plan', 'submit', 'start']) await api.post(`/v1/rollouts/${id}/${act}`, {}, rolloutSchema);
  return id;
}

async function until(bench: Bench, id: string, isSo: (rollout: Rollout) => boolean): Promise<Rollout> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const now = await bench.controlPlane.api.get(`/v1/rollouts/${id}`, rolloutSchema);
    if (isSo(now)) return now;
    if (performance.now() > endMs) throw new Fault('bench.stuck', `${now.state}, ${now.obstacle}: ${JSON.stringify(now.counts)}`);
    await delay(250);
  }
}

async function measureSpeed(bench: Bench) {
  const { place, controlPlane, client, say } = bench;
  const devices = idsSchema.parse((await client.query('select id from device order by id')).rows).map(({ id }) => id);
  const fleet = startChild('./fleet.js', import.meta.url);
  place.atEnd(() => endChild(fleet));
  const from = performance.now();
  fleet.send({ port: controlPlane.mqttPort, devices });
  await nextMessage(fleet, fleetWordSchema);
  say(`${devices.length} gateways have said hello, in ${rounded((performance.now() - from) / 1000, 1)} s`);
  const before = performance.now();
  const settings = { waves: { kind: 'counts', sizes: [fleetSize] }, caps: { inFlight } };
  const cpuBefore = cpuSnapshot(controlPlane.pid);
  const id = await begin(bench, 'fleet.polder', settings);
  const planMs = performance.now() - before;
  const done = await until(bench, id, ({ state }) => state !== 'running');
  if (done.counts.succeeded !== fleetSize)
    throw new Fault('bench.not-all', `${done.state}, ${done.reason}: ${JSON.stringify(done.counts)}`);
  const { rows } = await client.query<{ seconds: number }>(
    `select extract(epoch from max(m.changed_at) - max(r.started_at))::float8 as seconds
       from rollout_device m join rollout r on r.id = m.rollout_id where r.id = $1`,
    [id],
  );
  const seconds = rows[0]?.seconds ?? Number.NaN;
  const cpuUs = cpuTimeEach(cpuBefore, cpuSnapshot(controlPlane.pid), fleetSize);
  fleet.send('counts');
  const word = await nextMessage(fleet, fleetWordSchema);
  if (word.kind !== 'counts' || word.applied !== fleetSize) throw new Fault('bench.not-once', `the fleet counted ${JSON.stringify(word)}`);
  await endChild(fleet);
  const { mostChanging } = word;
  say(
    `drafted, planned, submitted and started in ${Math.round(planMs)} ms; ${fleetSize} devices in ${rounded(seconds, 1)} s, each told once`,
  );
  return { devicesPerSecond: rounded(fleetSize / seconds, 1), cpuMsEach: rounded((cpuUs.node + cpuUs.postgres) / 1000), mostChanging };
}

/** @returns milliseconds of processor time in a second of waiting */
async function measureWaiting(bench: Bench, devices: number): Promise<number> {
  const { client, controlPlane, say } = bench;
  await client.query(`update device set online = true, serving_plmn = '00101'`);
  await client.query('vacuum (analyze) device');
  const caps = { inFlight: 2 * heldInFlight, perCarrier: heldInFlight };
  const settings = { waves: { kind: 'counts', sizes: [devices] }, caps, timeouts: { reachS: 3600 } };
  const id = await begin(bench, `waiting.${devices}`, settings);
  await until(bench, id, ({ counts }) => counts.opened === heldInFlight);
  await delay(3000);
  const costMs = await idleCostMs(controlPlane.pid, idleSeconds);
  say(`${heldInFlight} of ${devices} devices on their way, ${rounded(costMs, 1)} ms a second`);
  await controlPlane.api.post(`/v1/rollouts/${id}/abort`, {}, rolloutSchema);
  await client.query(`update rollout_device set due_at = now() where rollout_id = $1 and due_at is not null`, [id]);
  await until(bench, id, ({ counts }) => counts.pending + counts.opened + counts.changing === 0);
  return costMs;
}
