import { Client } from 'pg';
import { type Figures, rounded, type Say } from '../figures.ts';
import { raiseControlPlane, type Workplace } from '../workplace.ts';
import { accessPoints } from './agent-gateway.ts';
import { type Ground, growGround, untilGone } from './bench-ground.ts';
import { raiseGateways } from './gateway-fleet.ts';
import { type ChangeFigures, measureAssignments, measureRollout } from './measure-changes.ts';
import { measureWaiting } from './measure-waiting.ts';

const fleetSize = 10_000;
const largeFleet = 1_000_000;
const leastPerSecond = 500;
const mostTickRatio = 1.5;

/** Times that each is done after the first. */
const repeats = { scripted: 3, agents: 5 };

const explanation = [
  `${fleetSize} gateways beside the control plane as its users run it (embedded Postgres, with fsync and synchronous commit), on the same machine,`,
  'over MQTT on raw sockets. One rollout of a policy version to all of them, in waves of 1,000, each begun when a tenth of the one before has succeeded, 1500 on',
  'their way at most, with caps by site, carrier and model. Devices a second: from the start to the last success, as the database has it. Processes that were',
  'started a moment ago compile what they do for the first time, while those in service did so long ago: each rollout is done several times, and the middle one',
  'of those after the first counts; the first is told beside it. First with gateways that answer at once with two reports of a modem, applying and applied; the',
  'same devices are then assigned policies by hand, as fast as that goes: the same messages and targets without the engine. Then with the real agent: each gateway',
  "is the agent's own core on a simulated EC25; it opens a change, dials, announces it on a session of its own and waits for the confirm, from one access point to",
  'the other and back. AT interface and radio of the EC25 take no time: a real one searches for its network for seconds, in which a rollout is only as fast as its',
  'caps allow. Then what a second of waiting costs with 500 devices on their way that say nothing and all others that are online pending without room,',
  `${fleetSize} devices known and ${largeFleet}: processor time of control plane and database, the median of seven looks.`,
];

/** How fast a rollout goes, and what waiting costs. */
export async function rollout(place: Workplace, say: Say): Promise<Figures> {
  for (const line of explanation) say(line);
  const controlPlane = await raiseControlPlane(place);
  const client = new Client({ connectionString: controlPlane.databaseUrl });
  await client.connect();
  place.atEnd(() => client.end());
  const ground: Ground = { place, controlPlane, client, say };
  await growGround(ground, { from: 0, to: fleetSize });
  const { rows } = await client.query<{ id: string }>('select id from device order by id');
  const devices = rows.map(({ id }) => id);
  const scripted = await measureScripted(ground, devices);
  const agents = await measureAgents(ground, devices);
  await untilGone(ground);
  await client.query('update device set online = true');
  const small = await measureWaiting(ground, fleetSize);
  await growGround(ground, { from: fleetSize, to: largeFleet });
  const large = await measureWaiting(ground, largeFleet);
  const tickRatio = rounded(large / small);
  const { devicesPerSecond } = agents.middle;
  return {
    devicesPerSecond,
    leastPerSecond,
    firstDevicesPerSecond: agents.first.devicesPerSecond,
    scriptedDevicesPerSecond: scripted.engine.middle.devicesPerSecond,
    assignedDevicesPerSecond: scripted.assigned.middle.devicesPerSecond,
    engineRatio: rounded(scripted.engine.middle.devicesPerSecond / scripted.assigned.middle.devicesPerSecond),
    agents: { ...agents.middle },
    scripted: { ...scripted.engine.middle },
    assigned: { ...scripted.assigned.middle },
    waitingMsSmall: rounded(small, 1),
    waitingMsLarge: rounded(large, 1),
    tickRatio,
    mostTickRatio,
    met: devicesPerSecond >= leastPerSecond && tickRatio <= mostTickRatio,
  };
}

interface Repeated {
  readonly first: ChangeFigures;
  readonly middle: ChangeFigures;
}

/** @param measureOne is given how often it was done before */
async function repeat(times: number, measureOne: (time: number) => Promise<ChangeFigures>): Promise<Repeated> {
  const first = await measureOne(0);
  const later: ChangeFigures[] = [];
  while (later.length < times) later.push(await measureOne(later.length + 1));
  later.sort((one, other) => one.devicesPerSecond - other.devicesPerSecond);
  return { first, middle: later[Math.floor(times / 2)] ?? first };
}

async function measureScripted(ground: Ground, devices: readonly string[]) {
  const fleet = await raiseGateways(ground, { kind: 'scripted', devices, processes: 1 });
  const apn = accessPoints[1];
  const engine = await repeat(repeats.scripted, (time) => measureRollout(ground, { fleet, devices, name: `scripted.${time}`, apn }));
  const assigned = await repeat(repeats.scripted, (time) => measureAssignments(ground, { fleet, devices, name: `assigned.${time}`, apn }));
  await fleet.end();
  return { engine, assigned };
}

async function measureAgents(ground: Ground, devices: readonly string[]) {
  const fleet = await raiseGateways(ground, { kind: 'agents', devices, processes: 2 });
  const apnOf = (time: number) => accessPoints[time % 2 === 0 ? 1 : 0];
  const rollouts = await repeat(repeats.agents, (time) =>
    measureRollout(ground, { fleet, devices, name: `agents.${time}`, apn: apnOf(time) }),
  );
  await fleet.end();
  return rollouts;
}
