import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Fault } from '@towline/kit';
import { waitUntil } from './wait-until.ts';

export interface ControlPlaneOptions {
  /** Postgres data, keys and logs lie below it. */
  readonly dataDir: string;
  /** Settings over those of our own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where its log goes; made anew at each start. */
  readonly logFile: string;
  /** Called as soon as there is something to stop, long before it is ready. */
  readonly spawned?: (process: Pick<ControlPlaneProcess, 'stop'>) => void;
}

/** The control plane as its users run it: the supervisor with its processes below it. */
export interface ControlPlaneProcess {
  readonly url: string;
  /** Of the supervisor. */
  readonly pid: number;
  /** The first operator's token, as the first start left it. */
  readonly token: string;
  readonly stop: () => Promise<void>;
}

const main = join(dirname(createRequire(import.meta.url).resolve('@towline/control-plane')), 'main.js');
const startTimeoutMs = 90_000;
const stopTimeoutMs = 30_000;

/** Our environment without what only the demo reads: the control plane refuses settings that it does not know. */
function environmentOf({ dataDir, environment }: ControlPlaneOptions): NodeJS.ProcessEnv {
  const { TOWLINE_DEMO_DIR: _demo, ...inherited } = process.env;
  return { ...inherited, ...environment, TOWLINE_DATA_DIR: dataDir };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await gone;
  clearTimeout(timer);
}

/**
 * Starts it and waits until the API is ready.
 * @throws Fault `control-plane.ended` with the end of its log, `wait.timeout`
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlaneProcess> {
  const { dataDir, logFile } = options;
  const env = environmentOf(options);
  mkdirSync(dirname(logFile), { recursive: true });
  // The first start's token is in it.
  rmSync(logFile, { force: true });
  const log = createWriteStream(logFile, { mode: 0o600 });
  // The channel tells it when we are gone, killed even, and tells us that it is this one which is ready, not a stranger on its port.
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  let isStarted = false;
  child.once('message', () => {
    isStarted = true;
  });
  const url = `http://127.0.0.1:${env.TOWLINE_HTTP_PORT ?? '8080'}`;
  const stop = () => end(child);
  options.spawned?.({ stop });
  await waitUntil(
    'the control plane',
    async () => {
      if (hasEnded(child)) {
        const tail = readFileSync(logFile, 'utf8').split('\n').slice(-8).join('\n');
        throw new Fault(
          'control-plane.ended',
          `the control plane ended with ${child.exitCode ?? child.signalCode}; its last words (${logFile}):\n${tail}`,
        );
      }
      return isStarted && (await isReady(url)) ? true : null;
    },
    { timeoutMs: startTimeoutMs },
  ).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url, pid: child.pid ?? 0, token: readFileSync(join(dataDir, 'first-token'), 'utf8').trim(), stop };
}
