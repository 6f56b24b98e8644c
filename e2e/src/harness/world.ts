import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlPlaneProcess, type OperatorApi, operatorApi, startControlPlane, waitUntil } from '@towline/demo';
import { createdClaimTokenSchema } from '@towline/protocol/http';
import { Client } from 'pg';
import { freePorts } from './free-ports.ts';
import { childrenOf, isRunning, killNow, signal } from './processes.ts';

const roles = ['api', 'edge', 'ticker'] as const;
export type ControlPlaneRole = (typeof roles)[number];

/** Postgres, too, is a child of the supervisor, and outlives it. */
const isRole = (word: string | undefined) => roles.some((role) => role === word);

export interface WorldOptions {
  /** Goes with the world; one of its own without it. */
  readonly directory?: string;
  /** Settings over the world's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A control plane of the test's own: real processes, embedded Postgres, free ports, a data directory that goes with it. */
export class World {
  readonly directory: string;
  readonly mqttUrl: string;
  readonly httpUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly #postgresPort: string;
  #process: ControlPlaneProcess | null = null;

  constructor(directory: string, environment: Readonly<Record<string, string>>) {
    this.directory = directory;
    this.environment = environment;
    this.#postgresPort = environment.TOWLINE_POSTGRES_PORT ?? '5499';
    this.mqttUrl = environment.MQTT_URL ?? `mqtt://127.0.0.1:${environment.TOWLINE_MQTT_PORT}`;
    this.httpUrl = `http://127.0.0.1:${environment.TOWLINE_HTTP_PORT}`;
  }

  get dataDir(): string {
    return join(this.directory, 'control-plane');
  }

  get token(): string {
    return readFileSync(join(this.dataDir, 'first-token'), 'utf8').trim();
  }

  get api(): OperatorApi {
    return operatorApi(this.httpUrl, this.token);
  }

  get supervisorPid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts the supervisor, the first time or after its death, and waits until the API is ready. */
  async start(): Promise<void> {
    const logFile = join(this.directory, 'control-plane.log');
    this.#process = await startControlPlane({ dataDir: this.dataDir, environment: this.environment, logFile });
  }

  /** Process id of one role below the supervisor; waits for a restart under way. */
  roleProcess(role: ControlPlaneRole): Promise<number> {
    return waitUntil(`a running ${role}`, () => this.#children().find(({ words }) => words.at(-1) === role)?.pid ?? null);
  }

  /** Ids of the supervisor and of its roles. */
  processes(): number[] {
    const below = this.#children().filter(({ words }) => isRole(words.at(-1)));
    return [this.supervisorPid, ...below.map(({ pid }) => pid)];
  }

  /** Whether none of these processes runs any more. */
  areAllGone(pids: readonly number[]): boolean {
    return !pids.some(isRunning);
  }

  /** Process id of the embedded Postgres that serves now. */
  postmaster(): Promise<number> {
    return waitUntil('a running Postgres', () => this.#postmasterNow());
  }

  /** Asks the database, beside the control plane. */
  async query(sql: string, values: readonly unknown[] = []): Promise<unknown[]> {
    const client = await this.connect();
    try {
      const { rows } = await client.query(sql, [...values]);
      return rows;
    } finally {
      await client.end();
    }
  }

  /** Of the embedded Postgres. */
  get databaseUrl(): string {
    const password = readFileSync(join(this.dataDir, 'postgres-password'), 'utf8').trim();
    return `postgres://towline:${encodeURIComponent(password)}@127.0.0.1:${this.#postgresPort}/towline`;
  }

  async connect(): Promise<Client> {
    const client = new Client({ connectionString: this.databaseUrl });
    // A server that is killed under the client is what some stories do.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async claimToken(uses: number): Promise<string> {
    const claim = { label: 'story', uses, expiresInS: 3600 };
    const { secret } = await this.api.post('/v1/claim-tokens', claim, createdClaimTokenSchema);
    return secret;
  }

  /** Ends whatever of it still runs, and takes its files away. */
  async stop(): Promise<void> {
    const left = this.processes();
    await this.#process?.stop();
    for (const pid of left) if (pid > 0 && isRunning(pid)) await killNow(pid);
    const postmaster = this.#postmasterNow();
    if (postmaster !== null) {
      signal(postmaster, 'SIGQUIT');
      await waitUntil('Postgres to end', () => (isRunning(postmaster) ? null : true));
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  #children() {
    return this.supervisorPid > 0 ? childrenOf(this.supervisorPid) : [];
  }

  #postmasterNow(): number | null {
    try {
      const pid = Number(readFileSync(join(this.dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);
      return isRunning(pid) ? pid : null;
    } catch {
      return null;
    }
  }
}

/** A directory of the test's own that Postgres' account may enter, which a temporary directory's 0700 forbids. */
export function storyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'towline-e2e-'));
  chmodSync(directory, 0o755);
  return directory;
}

/** Starts a control plane on free ports. */
export async function startWorld({ directory = storyDirectory(), environment = {} }: WorldOptions = {}): Promise<World> {
  const [http, edgeHttp, tickerHttp, mqtt, postgres] = await freePorts(5);
  const world = new World(directory, {
    TOWLINE_HTTP_PORT: String(http),
    TOWLINE_EDGE_HTTP_PORT: String(edgeHttp),
    TOWLINE_TICKER_HTTP_PORT: String(tickerHttp),
    TOWLINE_MQTT_PORT: String(mqtt),
    TOWLINE_POSTGRES_PORT: String(postgres),
    TOWLINE_LOG_LEVEL: 'warn',
    ...environment,
  });
  try {
    await world.start();
  } catch (error) {
    await world.stop();
    throw error;
  }
  return world;
}
