#!/usr/bin/env node
import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { Fault, faultText } from '@towline/kit';
import { runApi } from './api/run-api.ts';
import { runEdge } from './edge/run-edge.ts';
import { type Config, readConfig } from './platform/config.ts';
import { type ControlPlaneLog, createLog } from './platform/log.ts';
import { onStopRequest, type RunningProcess } from './platform/running-process.ts';
import { prepareDatabase } from './supervisor/prepare-database.ts';
import { supervise } from './supervisor/supervisor.ts';
import { runTicker } from './ticker/run-ticker.ts';

const usage = `usage: towline-control-plane [api|edge|ticker|migrate]
  without an argument: Postgres (unless DATABASE_URL is set), migrations, and one process of each kind, supervised
  api, edge, ticker    one process of that kind; needs DATABASE_URL
  migrate              bring the database to this version, make the first operator, and end
`;

type Run = (config: Config, databaseUrl: string, log: ControlPlaneLog) => Promise<RunningProcess | null>;

const runs: Readonly<Record<string, Run>> = {
  api: runApi,
  edge: runEdge,
  ticker: runTicker,
  migrate: async (config, databaseUrl, log) => {
    const firstToken = await prepareDatabase(config, databaseUrl, log);
    if (firstToken !== null) process.stdout.write(`${firstToken}\n`);
    return null;
  },
};

/** Of these, one that is not ready yet has nothing to bring to an end; it may be waiting for a database that is gone. */
const servers = ['api', 'edge', 'ticker'];

interface Beginning {
  readonly config: Config;
  readonly log: ControlPlaneLog;
  /** Aborted when the process is asked to stop. */
  readonly signal: AbortSignal;
}

function start(role: string | undefined, { config, log, signal }: Beginning): Promise<RunningProcess | null> {
  if (role === undefined) {
    const main = fileURLToPath(import.meta.url);
    return supervise({ config, environment: process.env, main, log, signal, say: (line) => process.stdout.write(`${line}\n`) });
  }
  const { url } = config.database;
  const run = runs[role];
  if (!run) throw new Fault('usage', usage);
  if (url === null)
    throw new Fault('config.invalid', `DATABASE_URL: ${role} needs the address of a Postgres; only the supervisor starts one`);
  return run(config, url, log);
}

async function run(): Promise<void> {
  const [role, ...rest] = process.argv.slice(2);
  if (rest.length > 0) throw new Fault('usage', usage);
  const config = readConfig(process.env, process.cwd());
  const log = createLog(role ?? 'supervisor', config.logLevel);
  const ending = new AbortController();
  const asked = new Promise<void>((resolve) => onStopRequest(resolve));
  void asked.then(() => ending.abort());
  const starting = start(role, { config, log, signal: ending.signal });
  const running = await (servers.includes(role ?? '') ? Promise.race([starting, asked.then(() => null)]) : starting);
  if (!running) return process.exit(0);
  log.info('process.ready');
  process.send?.('ready');
  await asked;
  log.info('process.stopping');
  await running.stop();
  process.exit(0);
}

run().catch((error: unknown) => {
  process.stderr.write(`${faultText(error)}\n`);
  process.exit(1);
});
