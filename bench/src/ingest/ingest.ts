import { Fault } from '@towline/kit';
import * as z from 'zod';
import { endChild, nextMessage, startChild } from '../child.ts';
import { type Figures, median, rounded, type Say } from '../figures.ts';
import { type BenchedControlPlane, raiseControlPlane, type Workplace } from '../workplace.ts';
import { copyAlone } from './copy-alone.ts';
import { type CpuTime, cpuSnapshot, cpuTimeEach } from './cpu-time.ts';
import { enrolLoadFleet } from './load-fleet.ts';
import { type LoadOrder, type LoadResult, loadResultSchema } from './load-order.ts';
import { countStored } from './stored-reports.ts';

const limitRatio = 0.5;
const fleetSize = 500;
/** What the agent itself keeps on its way. */
const window = 4;
/** The three take turns, so that a machine that slows down slows all of them; each figure is the median of the rounds. */
const rounds = 3;
const warmUpMs = 5000;
const measureMs = 8000;

const explanation = [
  `${fleetSize} devices with ${window} reports of one sample on their way each, in one process on raw sockets, the same against the broker alone (aedes, answered by`,
  'PUBACK) and the control plane (its edge process; answered by the end-to-end ack that follows the commit). Embedded Postgres at its defaults: fsync and',
  'synchronous commit on. COPY alone: 5,000 rows a COPY into the same telemetry table, one connection. All on this one machine, its cores shared by load,',
  `broker and database. ${rounds} rounds in turn of ${warmUpMs / 1000} s warm-up and ${measureMs / 1000} s measured; medians.`,
];

/** A load with what answering it cost, microseconds of processor time a report. */
interface Loaded extends LoadResult {
  readonly cpuUs: CpuTime;
}

interface Round {
  readonly broker: Loaded;
  readonly copyPerSecond: number;
  readonly ingest: Loaded;
}

/** Durable ingest against what limits it. */
export async function ingest(place: Workplace, say: Say): Promise<Figures> {
  for (const line of explanation) say(line);
  const controlPlane = await raiseControlPlane(place);
  const devices = await enrolLoadFleet(controlPlane, fleetSize);
  const measured: Round[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    measured.push(await measureRound({ place, controlPlane, devices }, round));
    const { broker, copyPerSecond, ingest: committed } = measured.at(-1) ?? measureNothing();
    say(`round ${round}: ${lineOf('broker alone', broker)}; COPY alone ${Math.round(copyPerSecond)}/s; ${lineOf('ingest', committed)}`);
  }
  return summary(measured, say);
}

function measureNothing(): never {
  throw new Fault('bench.no-round', 'no round was measured');
}

function lineOf(what: string, { perSecond, p50Ms, p99Ms, loadCpuUs, cpuUs }: Loaded): string {
  const postgres = cpuUs.postgres > 0 ? `, Postgres ${cpuUs.postgres}` : '';
  return `${what} ${Math.round(perSecond)}/s (p50 ${p50Ms} ms, p99 ${p99Ms} ms; CPU us a report: load ${loadCpuUs}, it ${cpuUs.node}${postgres})`;
}

interface Bench {
  readonly place: Workplace;
  readonly controlPlane: BenchedControlPlane;
  readonly devices: LoadOrder['devices'];
}

async function measureRound({ place, controlPlane, devices }: Bench, round: number): Promise<Round> {
  const { mqttPort, databaseUrl } = controlPlane;
  const epoch = `round${String(round).padStart(3, '0')}`;
  const order = { devices, epoch, window, warmUpMs, measureMs };
  const broker = await againstBrokerAlone(place, order);
  const copyPerSecond = await copyAlone(databaseUrl, { measureMs: measureMs / 2, first: round * 100_000_000 });
  const committed = await runLoad(place, { ...order, port: mqttPort, answer: 'ack' }, controlPlane.pid);
  const stored = await countStored(databaseUrl, epoch);
  if (stored.reports < committed.answered || stored.rows !== stored.reports) {
    throw new Fault(
      'bench.not-stored',
      `${committed.answered} reports were acknowledged, ${stored.reports} are stored in ${stored.rows} rows`,
    );
  }
  return { broker, copyPerSecond, ingest: committed };
}

async function againstBrokerAlone(place: Workplace, order: Omit<LoadOrder, 'port' | 'answer'>): Promise<Loaded> {
  const broker = startChild('./broker-alone.js', import.meta.url);
  place.atEnd(() => endChild(broker));
  const { port } = await nextMessage(broker, z.object({ port: z.number() }));
  const result = await runLoad(place, { ...order, port, answer: 'puback' }, broker.pid ?? 0);
  await endChild(broker);
  return result;
}

/** @param answering the process that answers, with all below it */
async function runLoad(place: Workplace, order: LoadOrder, answering: number): Promise<Loaded> {
  const load = startChild('./load.js', import.meta.url);
  place.atEnd(() => endChild(load));
  const before = cpuSnapshot(answering);
  load.send(order);
  const result = await nextMessage(load, loadResultSchema);
  return { ...result, cpuUs: cpuTimeEach(before, cpuSnapshot(answering), result.answered) };
}

function summary(measured: readonly Round[], say: Say): Figures {
  const middle = (figure: (round: Round) => number) => rounded(median(measured.map(figure)), 1);
  const brokerPerSecond = middle(({ broker }) => broker.perSecond);
  const copyPerSecond = middle((round) => round.copyPerSecond);
  const ingestPerSecond = middle((round) => round.ingest.perSecond);
  const ratio = rounded(median(measured.map((round) => round.ingest.perSecond / Math.min(round.broker.perSecond, round.copyPerSecond))));
  const p50Ms = middle((round) => round.ingest.p50Ms);
  const p99Ms = middle((round) => round.ingest.p99Ms);
  const slower = brokerPerSecond < copyPerSecond ? 'broker alone' : 'COPY alone';
  say(
    `${ingestPerSecond} reports/s committed and acknowledged, ${ratio} of ${slower}; limit ${limitRatio}. Every acknowledged report is stored once.`,
  );
  return {
    ingestPerSecond,
    p50Ms,
    p99Ms,
    brokerPerSecond,
    brokerP99Ms: middle(({ broker }) => broker.p99Ms),
    copyPerSecond,
    slower,
    ratio,
    limitRatio,
    met: ratio >= limitRatio,
  };
}
