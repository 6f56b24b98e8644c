import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault, sleep } from '@towline/kit';
import { systemClock } from '../../../platform/clock.ts';
import { freePort } from '../../../platform/testing/free-port.ts';

const checkout = fileURLToPath(new URL('../../../../../../', import.meta.url));
/** With what a URL must escape. */
const password = 'p@ss:w/rd 100%';

/** A real Mosquitto with the configuration of infra/mosquitto, on a free port. */
export interface TestMosquitto {
  readonly port: number;
  /** With the account of the control plane. */
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const startTimeoutMs = 20_000;

async function untilListening(port: number): Promise<void> {
  const deadline = systemClock.monotonicMs() + startTimeoutMs;
  while (systemClock.monotonicMs() < deadline) {
    const socket = connect(port, '127.0.0.1');
    const listening = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(
      () => false,
    );
    socket.destroy();
    if (listening) return;
    await sleep(systemClock, 50);
  }
  throw new Fault('test.mosquitto', `Mosquitto did not listen on ${port} within ${startTimeoutMs / 1000} s`);
}

/** Fetches Debian's package at the first use in a checkout. */
export async function startMosquitto(): Promise<TestMosquitto> {
  const root = execFileSync(join(checkout, 'tools/debian-packages.sh'), ['mosquitto'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), 'towline-mosquitto-'));
  const env = {
    ...process.env,
    MOSQUITTO_ROOT: root,
    MQTT_DATA: data,
    MQTT_PASSWORD: password,
    MQTT_HOST: '127.0.0.1',
    MQTT_PORT: String(port),
  };
  let running: ChildProcess | null = null;
  const end = async (signal: NodeJS.Signals) => {
    const child = running;
    running = null;
    if (!child || child.exitCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  };
  const start = async () => {
    running = spawn(join(checkout, 'infra/mosquitto/start.sh'), { env, stdio: 'ignore' });
    await untilListening(port);
  };
  await start();
  return {
    port,
    url: `mqtt://control-plane:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    start,
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM');
      rmSync(data, { recursive: true, force: true });
    },
  };
}
