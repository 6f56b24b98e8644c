import { join } from 'node:path';
import { type Agent, agentConfigSchema, createAgent, memoryStore } from '@towline/agent';
import { httpEnrolment, linuxUsbBus, mqttTransport, nodeIds, nodeRandom, nodeVault, systemClock } from '@towline/agent/node';
import { assignStartPolicy, claimTokensBySite, waitUntil } from '@towline/demo';
import { Fault, type Log, seededRandom } from '@towline/kit';
import { createNodeSerialPorts } from '@towline/modem/node';
import { devicePageSchema } from '@towline/protocol/http';
import { demoFleet, raiseFleet, type SimulatedGateway, type SimulatedModem } from '@towline/simulator';
import { servePseudoTerminals } from '@towline/simulator/node';
import { type Figures, median, rounded, type Say } from '../figures.ts';
import { type BenchedControlPlane, raiseControlPlane, type Workplace } from '../workplace.ts';
import { idleMs, type Span } from './idle-time.ts';
import { type WatchedPorts, watchPorts } from './watched-ports.ts';

const limitMs = 1_000;
const model = 'ec200a';
const replugs = 5;
const verifyWithinMs = 60_000;

const explanation = [
  `plug: the agent in this process, its ${model} simulated on a PTY of this host, enrolled at a real control plane. The modem is unplugged and plugged`,
  'in; the time until the agent calls the link verified, less what it has to wait for: the ports to be there again, a command to end, the modem',
  'to register. What is left is the agent itself: noticing, thinking, and lying idle.',
];

/** One gateway that can be unplugged, with all that is noted of it. */
interface Bench {
  readonly modem: SimulatedModem;
  readonly agent: Agent;
  readonly ports: WatchedPorts;
  /** While the modem is away, and while it is there and not registered. */
  readonly awaited: Span[];
}

/** Notes until when a condition did not hold. Looked at every millisecond: a modem tells nobody when it registers. */
function watchCondition(holds: () => boolean, into: Span[]): () => void {
  let sinceMs: number | null = null;
  const timer = setInterval(() => {
    const nowMs = systemClock.monotonicMs();
    if (!holds()) sinceMs ??= nowMs;
    else if (sinceMs !== null) {
      into.push({ fromMs: sinceMs, toMs: nowMs });
      sinceMs = null;
    }
  }, 1);
  return () => clearInterval(timer);
}

const isRegistered = ({ state }: SimulatedModem) => state.running.registration === 1 || state.running.registration === 5;
const isVerified = (agent: Agent) => agent.views()[0]?.decision.connection === 'verified';

async function raiseGateway(place: Workplace, { url, api }: BenchedControlPlane): Promise<Bench> {
  const demo = demoFleet(seededRandom(1), 0);
  const description = { ...demo, gateways: demo.gateways.filter(({ modems }) => modems[0]?.model === model) };
  const [gateway] = raiseFleet(description, { clock: systemClock, random: seededRandom(2) }).gateways;
  const modem = gateway?.modems[0];
  if (!gateway || !modem) throw new Fault('bench.no-gateway', `the demo fleet has no ${model}`);
  const [token] = (await claimTokensBySite(api, [gateway.site], 1)).values();
  const ports = watchPorts(createNodeSerialPorts(), systemClock);
  const agent = agentOn(place, { gateway, modem, ports, url, claimToken: token ?? '' });
  await agent.start();
  place.atEnd(() => agent.stop());
  const awaited: Span[] = [];
  place.atEnd(watchCondition(() => modem.present, awaited));
  place.atEnd(watchCondition(() => isRegistered(modem), awaited));
  await waitUntil('the device to enrol', async () => (await api.get('/v1/devices?limit=1', devicePageSchema)).items[0] ?? null);
  await assignStartPolicy(api, description);
  await waitUntil('the link to be verified', async () => (isVerified(agent) ? true : null));
  return { modem, agent, ports, awaited };
}

interface GatewayParts {
  readonly gateway: SimulatedGateway;
  readonly modem: SimulatedModem;
  readonly ports: WatchedPorts;
  readonly url: string;
  readonly claimToken: string;
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function agentOn(place: Workplace, { gateway, modem, ports, url, claimToken }: GatewayParts): Agent {
  const served = servePseudoTerminals(modem, { clock: systemClock, directory: join(place.directory, 'modem') });
  place.atEnd(() => served.close());
  const modems = [{ id: 'modem0', atPort: served.atPath, pppPort: served.pppPath }];
  return createAgent({
    config: agentConfigSchema.parse({ controlPlane: { url }, claimToken, modems }),
    ports: {
      serialPorts: ports,
      transport: mqttTransport,
      enrolment: httpEnrolment(url),
      store: memoryStore(),
      vault: nodeVault,
      ids: nodeIds,
      clock: systemClock,
      random: nodeRandom,
      log: silent,
      hostFacts: { bootId: nodeIds.nonce(), boardSerial: gateway.boardSerial, uptimeS: () => process.uptime() },
      usb: linuxUsbBus({ ttys: [served.atPath] }),
    },
  });
}

interface Replug {
  readonly wholeMs: number;
  readonly idleMs: number;
}

async function replug({ modem, agent, ports, awaited }: Bench): Promise<Replug> {
  modem.unplug();
  await waitUntil('the agent to miss the modem', async () => (isVerified(agent) ? null : true));
  ports.outstanding.length = 0;
  awaited.length = 0;
  const fromMs = systemClock.monotonicMs();
  modem.plugIn();
  const giveUpMs = fromMs + verifyWithinMs;
  while (!isVerified(agent)) {
    if (systemClock.monotonicMs() > giveUpMs) throw new Fault('bench.not-verified', `not verified within ${verifyWithinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const whole = { fromMs, toMs: systemClock.monotonicMs() };
  return { wholeMs: whole.toMs - whole.fromMs, idleMs: idleMs(whole, [...ports.outstanding, ...awaited]) };
}

/** From plug to verified: what of it the agent spends on nothing. */
export async function plug(place: Workplace, say: Say): Promise<Figures> {
  for (const line of explanation) say(line);
  const bench = await raiseGateway(place, await raiseControlPlane(place));
  const seen: Replug[] = [];
  for (let count = 1; count <= replugs; count += 1) {
    const one = await replug(bench);
    seen.push(one);
    say(`plug ${count}: verified after ${rounded(one.wholeMs, 0)} ms, of which ${rounded(one.idleMs, 0)} ms with nothing to wait for`);
  }
  const idle = rounded(median(seen.map(({ idleMs }) => idleMs)), 0);
  const worstMs = rounded(Math.max(...seen.map(({ idleMs }) => idleMs)), 0);
  const verifiedMs = rounded(median(seen.map(({ wholeMs }) => wholeMs)), 0);
  say(`${idle} ms of ${verifiedMs} ms idle in the median, ${worstMs} ms at worst; limit ${limitMs} ms`);
  return { idleMs: idle, worstMs, verifiedMs, limitMs, ratio: rounded(idle / limitMs), met: worstMs <= limitMs };
}
