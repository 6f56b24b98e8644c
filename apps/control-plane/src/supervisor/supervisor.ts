import { Fault } from '@towline/kit';
import { systemClock, systemRandom } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { startLocalPostgres } from '../platform/local-postgres/local-postgres.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { type RunningProcess, stopAll } from '../platform/running-process.ts';
import { prepareDatabase } from './prepare-database.ts';
import { roles, SupervisedChild } from './supervised-child.ts';

export interface SupervisorOptions {
  readonly config: Config;
  readonly environment: NodeJS.ProcessEnv;
  /** The program that runs one role. */
  readonly main: string;
  readonly log: ControlPlaneLog;
  /** Aborted when it is asked to stop, which may be before everything runs. */
  readonly signal: AbortSignal;
  /** For a person at a terminal. */
  readonly say: (line: string) => void;
}

const startMs = 60_000;

async function databaseOf({ config, log }: SupervisorOptions): Promise<{ url: string; stop: () => Promise<void> }> {
  const { url, localPort } = config.database;
  if (url !== null) return { url, stop: async () => undefined };
  const local = await startLocalPostgres({ dataDir: config.dataDir, port: localPort, clock: systemClock, log });
  return { url: local.url, stop: () => local.stop() };
}

function withDeadline(work: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(new Fault('supervisor.start-failed', `not every process was ready within ${startMs / 1000} s: see the lines above`));
    const cancel = systemClock.schedule(startMs, late);
    work.then(() => resolve(), reject).finally(cancel);
  });
}

const whenAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Goes no further once it is asked to stop. @param stops what it started, as it goes */
async function bringUp(options: SupervisorOptions, stops: (() => Promise<void>)[]): Promise<void> {
  const { config, environment, main, log, say, signal } = options;
  const database = await databaseOf(options);
  stops.push(database.stop);
  if (signal.aborted) return;
  const firstToken = await prepareDatabase(config, database.url, log);
  // Said even then: no later start would make another one.
  if (firstToken !== null) say(firstToken);
  if (signal.aborted) return;
  const childEnvironment = { ...environment, DATABASE_URL: database.url };
  const children = roles.map(
    (role) => new SupervisedChild({ role, main, environment: childEnvironment, clock: systemClock, random: systemRandom, log }),
  );
  for (const child of children) stops.push(() => child.stop());
  await withDeadline(Promise.race([Promise.all(children.map((child) => child.start())), whenAborted(signal)]));
  const { host, port } = config.http;
  if (!signal.aborted) say(`Towline is ready: API http://${host}:${port} (docs at /docs), MQTT ${config.mqtt.publicUrl}`);
}

/**
 * Everything on one machine: Postgres where none is configured, migrations, first start, and one process of each kind, restarted when they end.
 * @returns null where it was asked to stop before all of it ran
 */
export async function supervise(options: SupervisorOptions): Promise<RunningProcess | null> {
  const stops: (() => Promise<void>)[] = [];
  const stop = () => stopAll(stops);
  try {
    await bringUp(options, stops);
  } catch (error) {
    await stop();
    throw error;
  }
  if (!options.signal.aborted) return { stop };
  await stop();
  return null;
}
