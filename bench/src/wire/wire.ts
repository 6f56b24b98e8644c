import { setTimeout as delay } from 'node:timers/promises';
import type { Agent } from '@towline/agent';
import { mqttTransport, systemClock } from '@towline/agent/node';
import { assignStartPolicy, claimTokensBySite, waitUntil } from '@towline/demo';
import { Fault, seededRandom } from '@towline/kit';
import { devicePageSchema } from '@towline/protocol/http';
import { demoFleet, raiseFleet } from '@towline/simulator';
import { type Figures, rounded, type Say } from '../figures.ts';
import { type BenchedControlPlane, raiseControlPlane, type Workplace } from '../workplace.ts';
import { type Account, book, emptyAccount, type PurposeAccount } from './day-account.ts';
import { idleDevice } from './idle-device.ts';
import { pacedClock } from './paced-clock.ts';
import { closingOctets, closingSegments, ipOctetsFromSyn, readTcpCounters, requireTimestamps, type TcpCounters } from './tcp-counters.ts';
import { type SeenMessage, type WatchedTransport, watchTransport } from './watched-transport.ts';

/** 120 KB as 120 x 1024. */
const limitOctets = 122_880;
/** Keepalive 240 s becomes 1 s, the shortest that MQTT can say; a sample falls every 1.25 s. */
const pace = 240;
const quarterDayMs = (24 * 60 * 60_000) / 4;
const lookEveryMs = 150;
/** Longer than any exchange on loopback with its delayed acknowledgements (40 ms). */
const quietMs = 1500;
const model = 'ec25';

interface Watch {
  readonly port: number;
  /** What was seen since it was last taken. */
  readonly seen: SeenMessage[];
  readonly transport: WatchedTransport;
}

const explanation = [
  `The real agent at its defaults (sample every 300 s, 12 samples a report, keepalive 240 s, state beat every 6 h), its ${model} simulated, a target`,
  'applied; the real control plane; MQTT without TLS over IPv4 on loopback; octets from the IP header up, as the kernel counts segments (ss).',
  `A quarter of a day runs ${pace} times as fast. The packets are the same: exchanges stay seconds apart while delayed acknowledgements (40 ms),`,
  "the modem's replies and the control plane's answers keep their real times; timestamps have as many digits; every segment carries TCP timestamps.",
  'The agent opens no other connection and sends no probes of its own. To the four quarters comes one reconnect from SYN to its last report.',
];

/** IP octets of an idle device a day. */
export async function wire(place: Workplace, say: Say): Promise<Figures> {
  requireTimestamps();
  for (const line of explanation) say(line);
  const controlPlane = await raiseControlPlane(place);
  const clock = pacedClock(systemClock);
  const seen: SeenMessage[] = [];
  const transport = watchTransport(mqttTransport, pace, (message) => seen.push(message));
  const device = await raiseDevice(controlPlane, { clock, transport });
  place.atEnd(() => device.stop());
  const watch: Watch = { port: controlPlane.mqttPort, seen, transport };
  await settle(watch);
  clock.setPace(pace);
  const quarter = await watchQuarter(watch);
  clock.setPace(1);
  await settle(watch);
  const reconnect = await measureReconnect(watch);
  return summary(quarter, reconnect, say);
}

async function raiseDevice(
  { url, api }: BenchedControlPlane,
  world: { clock: ReturnType<typeof pacedClock>; transport: WatchedTransport },
): Promise<Agent> {
  const demo = demoFleet(seededRandom(1), 0);
  const description = { ...demo, gateways: demo.gateways.filter(({ modems }) => modems[0]?.model === model) };
  const [gateway] = raiseFleet(description, { clock: world.clock, random: seededRandom(2) }).gateways;
  if (!gateway) throw new Fault('bench.no-gateway', `the demo fleet has no ${model}`);
  const tokens = await claimTokensBySite(api, [gateway.site], 1);
  const device = idleDevice({ gateway, controlPlaneUrl: url, claimToken: tokens.get(gateway.site) ?? '', ...world });
  await device.start();
  const first = async () => (await api.get('/v1/devices?limit=1', devicePageSchema)).items[0] ?? null;
  await waitUntil('the device to enrol', first);
  await assignStartPolicy(api, description);
  await waitUntil('the target to be applied', async () => ((await first())?.target?.status === 'applied' ? true : null));
  return device;
}

const isSame = (left: TcpCounters, right: TcpCounters) =>
  left.segmentsUp === right.segmentsUp && left.segmentsDown === right.segmentsDown && left.dataUp === right.dataUp;

/** Until nothing but pings has passed for a while: with a keepalive of a second, that is when nothing was said. */
async function settle({ seen }: Watch): Promise<void> {
  do {
    seen.length = 0;
    await delay(quietMs);
  } while (seen.length > 0);
}

/** Looks at the connection in short stretches for a quarter of a day. @throws Fault `bench.disturbed` when the session did not last */
async function watchQuarter({ port, seen, transport }: Watch): Promise<Account> {
  const sessions = transport.opened;
  const until = performance.now() + quarterDayMs / pace;
  let account = emptyAccount;
  let from = await readTcpCounters(port);
  seen.length = 0;
  while (performance.now() < until) {
    await delay(lookEveryMs);
    const to = await readTcpCounters(port);
    // An exchange that has begun is booked when it is over.
    if (seen.length > 0 && !(await isOver(port, to))) continue;
    if (transport.opened !== sessions)
      throw new Fault('bench.disturbed', 'the session was lost: the machine is too busy for this benchmark');
    account = book(account, { from, to, seen: seen.splice(0) });
    from = to;
  }
  return account;
}

async function isOver(port: number, last: TcpCounters): Promise<boolean> {
  await delay(lookEveryMs / 2);
  return isSame(last, await readTcpCounters(port));
}

/** What one loss of the session costs: its end, and the next from SYN to the last report that it brings. */
async function measureReconnect(watch: Watch): Promise<PurposeAccount> {
  const { port, seen, transport } = watch;
  const before = await readTcpCounters(port);
  seen.length = 0;
  await transport.drop();
  await waitUntil('the agent to connect again', () => (seen.some(({ channel }) => channel === 'ack') ? true : null));
  await settle(watch);
  const after = await readTcpCounters(port);
  if (after.localPort === before.localPort) throw new Fault('bench.disturbed', 'the session did not end');
  const segments = after.segmentsUp + after.segmentsDown + closingSegments;
  return { count: 1, octets: ipOctetsFromSyn(after) + closingOctets, segments };
}

/** A header of IPv6 has 40 octets, one of IPv4 20 (RFC 8200, RFC 791). */
const ipv6ExtraOctets = 20;

function summary(quarter: Account, reconnect: PurposeAccount, say: Say): Figures {
  const fourfold = Object.entries(quarter).map(([purpose, { count, octets, segments }]) => {
    return [purpose, { count: 4 * count, octets: 4 * octets, segments: 4 * segments }] as const;
  });
  const day = [...fourfold, ['reconnect', reconnect] as const];
  say('a day               count    octets  segments');
  for (const [purpose, { count, octets, segments }] of day) {
    say(`  ${purpose.padEnd(14)}${[count, octets, segments].map((figure) => String(figure).padStart(9)).join(' ')}`);
  }
  const sum = (part: (account: PurposeAccount) => number) => day.reduce((total, [, account]) => total + part(account), 0);
  const octetsADay = sum(({ octets }) => octets);
  const overIpv6 = octetsADay + ipv6ExtraOctets * sum(({ segments }) => segments);
  say(`${octetsADay} IP octets a day (over IPv6 ${overIpv6}); limit ${limitOctets} (120 x 1024)`);
  const parts = Object.fromEntries(day.map(([purpose, { octets }]) => [purpose, octets]));
  return { octetsADay, limitOctets, ratio: rounded(octetsADay / limitOctets), overIpv6, parts, met: octetsADay <= limitOctets };
}
