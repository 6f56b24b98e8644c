import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@towline/agent/node';
import { assignStartPolicy, claimTokensBySite, waitUntil } from '@towline/demo';
import { seededRandom } from '@towline/kit';
import { devicePageSchema } from '@towline/protocol/http';
import { demoFleet, raiseFleet } from '@towline/simulator';
import { type Figures, median, rounded, type Say } from '../figures.ts';
import { type BenchedControlPlane, raiseControlPlane, type Workplace } from '../workplace.ts';
import { agentBundle, unitFlags } from './agent-command.ts';
import { configureGateway } from './enrolled-gateway.ts';
import { type MeasuredProcess, startMeasured } from './measured-process.ts';
import { privateDirtyBytes } from './private-dirty.ts';

const limitMb = 25;
/** Each measured as one process beside one bare Node; the median is told. */
const gateways = 3;
const idleMs = 20_000;
const bareProgram = `console.log('up');setInterval(()=>{},1e6)`;

const megabytes = (bytes: number) => rounded(bytes / 1e6);

/** Enrols the gateways and gives them a target, so that what is measured afterwards is an ordinary start of an ordinary device. */
async function enrol(configs: readonly string[], flags: readonly string[], { controlPlane, description }: Fleet): Promise<void> {
  const agents = await Promise.all(configs.map((config) => startAgent(config, flags)));
  const applied = async () => {
    const { items } = await controlPlane.api.get('/v1/devices?limit=50', devicePageSchema);
    return items.filter((device) => device.target?.status === 'applied').length === configs.length ? true : null;
  };
  await assignStartPolicy(controlPlane.api, description);
  await waitUntil('the target to be applied', applied);
  await Promise.all(agents.map((agent) => agent.end()));
}

interface Fleet {
  readonly controlPlane: BenchedControlPlane;
  readonly description: ReturnType<typeof demoFleet>;
}

const startAgent = (config: string, flags: readonly string[]) =>
  startMeasured([...flags, agentBundle, 'run', '--config', config], '"link.welcomed"');

/** One after the other: on few cores, starts at the same time would measure each other. */
async function startInTurn(starts: readonly (() => Promise<MeasuredProcess>)[], place: Workplace): Promise<MeasuredProcess[]> {
  const started: MeasuredProcess[] = [];
  for (const start of starts) {
    const process = await start();
    place.atEnd(() => process.end());
    started.push(process);
  }
  return started;
}

/** Memory and start of the bundled agent over bare Node of the same version with the same flags. */
export async function agent(place: Workplace, say: Say): Promise<Figures> {
  const flags = unitFlags();
  say(
    `agent: ${gateways} bundled agents with the unit's flags (${flags.join(' ')}), each with a simulated modem on a PTY, enrolled, target`,
  );
  say(`applied, connected to the real control plane over MQTT without TLS; ${idleMs / 1000} s after connecting, beside as many bare Nodes`);
  const description = demoFleet(seededRandom(1), gateways);
  const fleet = raiseFleet(
    { ...description, gateways: description.gateways.slice(-gateways) },
    { clock: systemClock, random: seededRandom(2) },
  );
  const controlPlane = await raiseControlPlane(place);
  const tokens = await claimTokensBySite(controlPlane.api, [...new Set(fleet.gateways.map(({ site }) => site))], gateways);
  const configs = fleet.gateways.map((gateway) =>
    configureGateway(place, { gateway, controlPlaneUrl: controlPlane.url, claimToken: tokens.get(gateway.site) ?? '' }),
  );
  await enrol(configs, flags, { controlPlane, description });
  const bare = await startInTurn(
    configs.map(() => () => startMeasured([...flags, '-e', bareProgram], 'up')),
    place,
  );
  const agents = await startInTurn(
    configs.map((config) => () => startAgent(config, flags)),
    place,
  );
  await delay(idleMs);
  return summary({ bare, agents }, say);
}

function summary({ bare, agents }: { bare: readonly MeasuredProcess[]; agents: readonly MeasuredProcess[] }, say: Say): Figures {
  const dirty = (processes: readonly MeasuredProcess[]) => processes.map(({ pid }) => privateDirtyBytes(pid));
  const ready = (processes: readonly MeasuredProcess[]) => median(processes.map(({ readyMs }) => readyMs));
  const bareMb = megabytes(median(dirty(bare)));
  const agentMb = megabytes(median(dirty(agents)));
  const largestMb = megabytes(Math.max(...dirty(agents)));
  const overMb = rounded(agentMb - bareMb);
  say(
    `Private_Dirty: agent ${agentMb} MB (largest ${largestMb}), bare Node ${bareMb} MB: ${overMb} MB over it; limit ${limitMb} MB (10^6 octets)`,
  );
  const connectedMs = rounded(ready(agents), 0);
  const bareStartMs = rounded(ready(bare), 0);
  say(`start: ${connectedMs} ms until the control plane has answered its hello, ${bareStartMs} ms until bare Node runs its program`);
  const start = { connectedMs, bareStartMs, overBareMs: rounded(connectedMs - bareStartMs, 0) };
  return { agentMb, largestMb, bareMb, overMb, limitMb, ratio: rounded(overMb / limitMb), ...start, met: overMb <= limitMb };
}
