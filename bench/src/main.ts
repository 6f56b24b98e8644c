/** `npm run bench -- NAME`: says what it measures, then prints one JSON object as its last line. */
import { agent } from './agent/agent.ts';
import { api } from './api/api.ts';
import type { Benchmark } from './figures.ts';
import { ingest } from './ingest/ingest.ts';
import { wire } from './wire/wire.ts';

const benchmarks: Readonly<Record<string, Benchmark>> = { agent, api, ingest, wire };

const name = process.argv[2] ?? '';
const benchmark = benchmarks[name];
if (!benchmark) {
  console.error(`usage: npm run bench -- NAME, with NAME one of ${Object.keys(benchmarks).join(', ')}`);
  process.exit(2);
}
const figures = await benchmark((line) => console.log(line));
console.log(JSON.stringify({ bench: name, ...figures }));
process.exit(figures.met ? 0 : 1);
