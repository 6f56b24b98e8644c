/** `npm run bench -- NAME`: says what it measures and how, then prints one JSON object as its last line. Exit status 0 when every limit holds. */
import { faultText } from '@towline/kit';
import { agent } from './agent/agent.ts';
import { api } from './api/api.ts';
import type { Figures, Say } from './figures.ts';
import { ingest } from './ingest/ingest.ts';
import { describeMachine } from './machine.ts';
import { plug } from './plug/plug.ts';
import { rollout } from './rollout/rollout.ts';
import { wire } from './wire/wire.ts';
import { enterWorkplace, type Workplace } from './workplace.ts';

const benchmarks: Readonly<Record<string, (place: Workplace, say: Say) => Promise<Figures>>> = { agent, api, ingest, plug, rollout, wire };
/** On a quiet machine each takes under six minutes; beyond this something is stuck. */
const longestRunMs = 15 * 60_000;
const usage = `usage: npm run bench -- NAME
  agent   memory and start of the agent over bare Node
  api     p99 of device lists at 10,000 and 1,000,000 devices
  ingest  committed reports a second against broker alone and COPY alone
  plug    idle time of the agent between plugging a modem in and a verified link
  rollout devices a second through a rollout, with the engine and without, and what waiting costs
  wire    IP bytes of an idle device a day`;

const name = process.argv[2] ?? '';
const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
if (!benchmark) {
  console.error(usage);
  process.exit(2);
}
// Each benchmark brings its own database, broker and settings.
for (const setting of Object.keys(process.env)) {
  if (setting.startsWith('TOWLINE_') || setting === 'DATABASE_URL' || setting === 'MQTT_URL') delete process.env[setting];
}

const place = enterWorkplace();
async function give(up: string): Promise<void> {
  console.error(up);
  await place.leave();
  process.exit(1);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void give(`ended by ${signal}`));
setTimeout(() => void give(`not done within ${longestRunMs / 60_000} minutes`), longestRunMs).unref();

try {
  const machine = describeMachine();
  console.log(machine);
  const figures = await benchmark(place, (line) => console.log(line));
  await place.leave();
  console.log(JSON.stringify({ bench: name, ...figures, machine }));
  process.exit(figures.met ? 0 : 1);
} catch (error) {
  await give(`${name}: ${faultText(error)}`);
}
