/** `npm start`: a control plane with its own Postgres and broker, and a simulated fleet of real agents. */
import { mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Agent } from '@towline/agent';
import { fileStore, systemClock } from '@towline/agent/node';
import { faultText, seededRandom } from '@towline/kit';
import { type Device, samplePageSchema } from '@towline/protocol/http';
import { demoFleet, raiseFleet, type SimulatedGateway } from '@towline/simulator';
import { type AgentProcess, startAgentProcess } from './agent-process.ts';
import { demoCommands } from './commands.ts';
import { startControlPlane } from './control-plane-process.ts';
import { assignStartPolicy, claimTokensBySite, listDevices } from './demo-tenant.ts';
import { fleetTable } from './fleet-table.ts';
import { type OperatorApi, operatorApi } from './operator-api.ts';
import { refuseTakenPorts } from './refuse-taken-ports.ts';
import { simulatedAgent } from './simulated-agents.ts';
import { waitUntil } from './wait-until.ts';

/** Gateways beyond the one of each model, all in this process. */
const inProcessGateways = 50;
/** Shorter than in the field, so that a person sees something move. */
const telemetry = { sampleS: 10, batch: 1 };
const fleetSeed = 20_261;

const home = resolve(process.env.TOWLINE_DEMO_DIR ?? '.towline');
const dataDir = join(home, 'control-plane');
const say = (line: string) => console.log(line);

const gatewayName = ({ boardSerial, modems }: SimulatedGateway) => `${modems[0]?.model ?? 'gateway'}-${boardSerial.slice(-3)}`;

interface Stoppable {
  stop(): Promise<void>;
}

function startGateway(gateway: SimulatedGateway, inProcess: boolean, to: { url: string; claimToken: string }): AgentProcess | Agent {
  const directory = join(home, 'gateways', gateway.boardSerial);
  const name = gatewayName(gateway);
  mkdirSync(directory, { recursive: true });
  if (!inProcess) {
    const config = { controlPlane: { url: to.url }, claimToken: to.claimToken, name, telemetry };
    return startAgentProcess({ gateway, directory, config, clock: systemClock });
  }
  return simulatedAgent({
    gateway,
    name,
    controlPlaneUrl: to.url,
    claimToken: to.claimToken,
    store: fileStore(join(directory, 'state')),
    telemetry,
  });
}

/** Waits for devices of which `wanted` holds; what is missing after the time is said, not hidden. */
async function waitForDevices(
  api: OperatorApi,
  what: string,
  wanted: { count: number; holds: (device: Device) => boolean },
): Promise<Device[]> {
  let devices: Device[] = [];
  const all = async () => {
    devices = await listDevices(api);
    return devices.filter(wanted.holds).length >= wanted.count ? true : null;
  };
  await waitUntil(what, all, { timeoutMs: 90_000, everyMs: 500 }).catch((error: unknown) => {
    say(`${faultText(error)}: ${devices.filter(wanted.holds).length} of ${wanted.count}`);
  });
  return devices;
}

/** So that its telemetry, asked for by one of the commands, has something to show. */
async function waitForSample(api: OperatorApi, device: string): Promise<void> {
  const look = async () => (await api.get(`/v1/devices/${device}/telemetry?limit=1`, samplePageSchema)).items.length || null;
  await waitUntil('a first sample', look, { timeoutMs: 4 * telemetry.sampleS * 1000 }).catch((error: unknown) => say(faultText(error)));
}

async function run(stops: Stoppable[]): Promise<void> {
  await refuseTakenPorts(process.env);
  say('Starting Postgres, broker and API …');
  const spawned = (process: Stoppable) => void stops.push(process);
  const controlPlane = await startControlPlane({ dataDir, logFile: join(home, 'control-plane.log'), spawned });
  const api = operatorApi(controlPlane.url, controlPlane.token);
  const description = demoFleet(seededRandom(fleetSeed), inProcessGateways);
  const fleet = raiseFleet(description, { clock: systemClock, random: seededRandom(fleetSeed + 1) });
  const { gateways } = fleet;
  const tokens = await claimTokensBySite(api, [...new Set(gateways.map(({ site }) => site))], gateways.length);
  say(`Starting ${gateways.length} gateways …`);
  for (const [index, gateway] of gateways.entries()) {
    const inProcess = index >= gateways.length - inProcessGateways;
    const agent = startGateway(gateway, inProcess, { url: controlPlane.url, claimToken: tokens.get(gateway.site) ?? '' });
    stops.push(agent);
    if ('start' in agent) await agent.start();
  }
  await waitForDevices(api, 'every gateway to enrol', { count: gateways.length, holds: () => true });
  await assignStartPolicy(api, description);
  const devices = await waitForDevices(api, 'every gateway to be online', {
    count: gateways.length,
    // One that was left at a wrong APN says so; nobody waits for it.
    holds: (device) => device.online && (device.apn !== null || device.fault !== null),
  });
  const chosen = devices.find((device) => device.homePlmn === description.operators[0]?.plmn && device.apn !== null);
  say(fleetTable(devices));
  if (!chosen) return say(`No gateway of the first carrier came up: see ${join(home, 'control-plane.log')}`);
  await waitForSample(api, chosen.id);
  const context = {
    url: controlPlane.url,
    tokenFile: relative('.', join(dataDir, 'first-token')),
    device: chosen.id,
    homePlmn: chosen.homePlmn ?? '',
  };
  for (const { says, shell } of demoCommands(context)) say(`\n# ${says}\n${shell}`);
  say(`\nAPI ${controlPlane.url}/docs · logs in ${relative('.', home) || '.'} · Ctrl-C ends everything, the data stays.`);
}

const stops: Stoppable[] = [];
let ending = false;

async function end(status: number): Promise<void> {
  if (ending) return;
  ending = true;
  say('\nStopping …');
  const [controlPlane, ...agents] = stops;
  await Promise.allSettled(agents.map((agent) => agent.stop()));
  await controlPlane?.stop();
  process.exit(status);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end(0));
run(stops).catch((error: unknown) => {
  // What it was made to end in the middle of is no fault.
  if (!ending) console.error(faultText(error));
  void end(1);
});
