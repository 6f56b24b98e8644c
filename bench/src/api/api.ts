import { seededRandom } from '@towline/kit';
import { Client } from 'pg';
import { type Figure, type Figures, rounded, type Say } from '../figures.ts';
import { raiseControlPlane, type Workplace } from '../workplace.ts';
import { listKinds } from './device-lists.ts';
import { growFleet } from './fleet-rows.ts';
import { ListReader } from './list-reader.ts';
import { type ListLatency, measureLists } from './measure-lists.ts';

const smallFleet = 10_000;
const largeFleet = 1_000_000;
const smallLimitMs = 50;
const largeLimitMs = 2 * smallLimitMs;

const explanation = [
  'GET /v1/devices, 50 devices a page, over HTTP from one client that asks one thing at a time; the real api process beside edge and ticker, the embedded',
  'Postgres at its defaults. Devices are made in SQL (one modem each, its last report, site, 3 to 5 tags, 95 % with a target), then ANALYZE. Each filter:',
  '500 requests of ever other values, first and following pages, a third of the walks beginning 500 to 10,000 devices deep; parts of names have 3',
  'characters or more. Every answer is checked: a device that does not belong there ends the run.',
];

type Latencies = Readonly<Record<string, ListLatency>>;

/** Percentiles of the device list at two sizes of the fleet. */
export async function api(place: Workplace, say: Say): Promise<Figures> {
  for (const line of explanation) say(line);
  const controlPlane = await raiseControlPlane(place);
  const client = new Client({ connectionString: controlPlane.databaseUrl });
  await client.connect();
  const reader = new ListReader(controlPlane.url, controlPlane.token);
  const small = await measureFleet({ client, reader, say }, { from: 0, to: smallFleet });
  const large = await measureFleet({ client, reader, say }, { from: smallFleet, to: largeFleet });
  await client.end();
  return summary(small, large, say);
}

interface Bench {
  readonly client: Client;
  readonly reader: ListReader;
  readonly say: Say;
}

async function measureFleet({ client, reader, say }: Bench, growth: { from: number; to: number }): Promise<Latencies> {
  const from = performance.now();
  await growFleet(client, growth);
  say(`${growth.to} devices, made in ${rounded((performance.now() - from) / 1000, 1)} s`);
  const random = seededRandom(growth.to);
  const latencies: Record<string, ListLatency> = {};
  for (const kind of listKinds) latencies[kind.name] = await measureLists(reader, kind, random);
  return latencies;
}

function summary(small: Latencies, large: Latencies, say: Say): Figures {
  say(`filter      ${smallFleet} devices: p50, p99 ms   ${largeFleet} devices: p50, p99 ms   ratio of p99   pages with devices`);
  let met = true;
  const filters: Record<string, Figure> = {};
  for (const { name } of listKinds) {
    const [few, many] = [small[name], large[name]];
    if (!few || !many) continue;
    const ratio = rounded(many.p99Ms / few.p99Ms);
    const holds = few.p99Ms < smallLimitMs && many.p99Ms < largeLimitMs;
    met &&= holds;
    filters[name] = { p99AtSmallMs: few.p99Ms, p99AtLargeMs: many.p99Ms, ratio, met: holds };
    const cells = [few.p50Ms, few.p99Ms, many.p50Ms, many.p99Ms, ratio, few.filled, many.filled].map((value) =>
      value.toFixed(2).padStart(9),
    );
    say(`${name.padEnd(10)}${cells.join('')}  ${holds ? '' : 'over the limit'}`);
  }
  say(`limits: p99 under ${smallLimitMs} ms at ${smallFleet} devices, under ${largeLimitMs} ms at ${largeFleet}`);
  return { smallFleet, largeFleet, smallLimitMs, largeLimitMs, filters, met };
}
