import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Cancel, type Clock, Fault, faultCode, faultText, type Log, sleep } from '@towline/kit';
import { Client, escapeIdentifier } from 'pg';
import { removeAbandonedHomes } from './homes-elsewhere.ts';
import { serverAccount } from './server-account.ts';
import { findServerBinaries } from './server-binaries.ts';
import { chooseServerPlace, reachableRoot, type ServerPlace } from './server-place.ts';
import { initialiseCluster, isAlive, runningServer, type ServerProcess, serverLogTail, serverUser, spawnServer } from './server-process.ts';

type LocalPostgresEvent =
  | 'local-postgres.started'
  | 'local-postgres.adopted'
  | 'local-postgres.restarting'
  | 'local-postgres.abandoned-removed';

export interface LocalPostgresOptions {
  /** Data, password and log of the server lie in `postgres/` under it. */
  readonly dataDir: string;
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log<LocalPostgresEvent>;
  /** Server settings, each `name=value`. */
  readonly settings?: readonly string[];
  /** Where things go that the server's account could not reach in `dataDir`. */
  readonly elsewhere?: string;
}

export interface LocalPostgres {
  /** Carries the password: a secret. */
  readonly url: string;
  /** Process id of the postmaster now. */
  pid(): number;
  /** Whether the server was running already, left by a killed supervisor. */
  readonly adopted: boolean;
  /** Ends the server in order (fast shutdown); the data stays. */
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;
/** Fast shutdown, which writes a checkpoint; then immediate, which leaves recovery to the next start (PostgreSQL manual, 18.5). */
const stopSignals = [
  { signal: 'SIGINT', timeoutMs: 20_000 },
  { signal: 'SIGQUIT', timeoutMs: 5000 },
] as const;
const watchEveryMs = 250;

/** Made once; whoever can read it owns the data anyway. */
function readOrMakePassword(dataDir: string): string {
  const file = join(dataDir, 'postgres-password');
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8').trim();
}

function refuseTakenPort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause) =>
      reject(new Fault('local-postgres.port-taken', `port ${port} is taken: set TOWLINE_POSTGRES_PORT to a free one`, { cause })),
    );
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}

async function makeDatabase(url: string, database: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${escapeIdentifier(database)}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function endProcess(pid: number, clock: Clock): Promise<void> {
  for (const { signal, timeoutMs } of stopSignals) {
    if (!isAlive(pid)) return;
    const deadline = clock.monotonicMs() + timeoutMs;
    process.kill(pid, signal);
    while (isAlive(pid) && clock.monotonicMs() < deadline) await sleep(clock, 20);
  }
}

/** One server over its life: started or adopted, watched, started again when it dies, ended. */
class WatchedServer implements LocalPostgres {
  readonly url: string;
  readonly adopted: boolean;
  readonly #place: ServerPlace;
  readonly #options: LocalPostgresOptions;
  #server: ServerProcess;
  #stopping = false;
  #cancelWatch: Cancel = () => undefined;

  constructor(place: ServerPlace, options: LocalPostgresOptions, found: { server: ServerProcess; adopted: boolean; password: string }) {
    this.#place = place;
    this.#options = options;
    this.#server = found.server;
    this.adopted = found.adopted;
    this.url = `postgresql://${serverUser}:${encodeURIComponent(found.password)}@127.0.0.1:${options.port}/towline`;
  }

  pid(): number {
    return this.#server.pid;
  }

  /** Until it answers; one that ends meanwhile (children of a killed postmaster hold its memory a moment) is started again. */
  async untilReady(): Promise<void> {
    const { clock } = this.#options;
    const deadline = clock.monotonicMs() + startTimeoutMs;
    const maintenance = this.url.replace(/\/towline$/, '/postgres');
    for (;;) {
      try {
        await makeDatabase(maintenance, 'towline');
        return;
      } catch (cause) {
        if (faultCode(cause) === '28P01' || clock.monotonicMs() > deadline) {
          const text = `the embedded Postgres did not start: ${faultText(cause)}\n${serverLogTail(this.#place)}`;
          throw new Fault('local-postgres.start-failed', text, { cause });
        }
        await sleep(clock, isAlive(this.#server.pid) ? 30 : 250);
        this.#restartIfDead();
      }
    }
  }

  watch(): void {
    this.#cancelWatch = this.#options.clock.schedule(watchEveryMs, () => {
      this.#restartIfDead();
      if (!this.#stopping) this.watch();
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelWatch();
    await endProcess(this.#server.pid, this.#options.clock);
  }

  #restartIfDead(): void {
    if (this.#stopping || isAlive(this.#server.pid)) return;
    this.#options.log.warn('local-postgres.restarting', { pid: this.#server.pid });
    this.#server = runningServer(this.#place) ?? spawnServer(this.#place, this.#options.port, this.#options.settings ?? []);
  }
}

async function adoptOrSpawn(place: ServerPlace, options: LocalPostgresOptions): Promise<{ server: ServerProcess; adopted: boolean }> {
  const running = runningServer(place);
  if (running?.port === options.port) return { server: running, adopted: true };
  // It listens where an earlier configuration wanted it.
  if (running) await endProcess(running.pid, options.clock);
  await refuseTakenPort(options.port);
  return { server: spawnServer(place, options.port, options.settings ?? []), adopted: false };
}

/**
 * The embedded Postgres of `dataDir`: made at first start, adopted when it still runs, started again when it dies.
 * @throws Fault `local-postgres.unsupported`, `.port-taken`, `.init-failed`, `.start-failed`, each saying what to do.
 */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  mkdirSync(options.dataDir, { recursive: true });
  const password = readOrMakePassword(options.dataDir);
  const { dataDir, elsewhere } = options;
  const place = chooseServerPlace(dataDir, findServerBinaries(), { account: serverAccount(), ...(elsewhere ? { elsewhere } : {}) });
  if (place.account) {
    const isRunning = (home: string) => runningServer({ ...place, home }) !== null;
    for (const home of removeAbandonedHomes(elsewhere ?? reachableRoot, options.clock.wallMs(), isRunning))
      options.log.info('local-postgres.abandoned-removed', { home });
  }
  initialiseCluster(place, password);
  const found = await adoptOrSpawn(place, options);
  const server = new WatchedServer(place, options, { ...found, password });
  await server.untilReady();
  options.log.info(found.adopted ? 'local-postgres.adopted' : 'local-postgres.started', { pid: server.pid(), port: options.port });
  server.watch();
  return server;
}
