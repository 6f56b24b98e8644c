import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '@towline/demo';
import type { Certificates } from './certificates.ts';
import { freePorts } from './free-ports.ts';

const checkout = fileURLToPath(new URL('../../../', import.meta.url));
const password = 'p@ss/of:the control plane';

/** A Mosquitto of its own with the configuration of infra/mosquitto. */
export interface Mosquitto {
  readonly port: number;
  /** With the account of the control plane. */
  readonly url: string;
  start(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Folder with Debian's Mosquitto in it; fetched at the first use in a checkout. */
export function mosquittoRoot(): string {
  return execFileSync(join(checkout, 'tools/debian-packages.sh'), ['mosquitto'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

/** Starts it with `script`, which gets what it needs by environment; its accounts lie in `data`. */
export function runMosquitto(options: {
  readonly script: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly port: number;
  readonly scheme?: 'mqtt' | 'mqtts';
}): Mosquitto {
  const { script, environment, port, scheme = 'mqtt' } = options;
  let running: ChildProcess | null = null;
  return {
    port,
    url: `${scheme}://control-plane:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    async start() {
      running = spawn('sh', [script], { env: { ...process.env, ...environment, MQTT_PASSWORD: password }, stdio: 'ignore' });
      await waitUntil('Mosquitto', async () => ((await accepts(port)) ? true : null), { timeoutMs: 20_000 });
    },
    async kill() {
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      const exit = once(running, 'exit');
      running.kill('SIGKILL');
      await exit;
    },
  };
}

/** A running Mosquitto on a free port, its files below `directory`; with certificates it speaks TLS only. */
export async function startMosquitto(directory: string, certificates?: Certificates): Promise<Mosquitto> {
  const [port = 0] = await freePorts(1);
  const environment = {
    MOSQUITTO_ROOT: mosquittoRoot(),
    MQTT_DATA: join(directory, 'mosquitto'),
    MQTT_HOST: '127.0.0.1',
    MQTT_PORT: String(port),
    ...(certificates ? { MQTT_CERT_FILE: certificates.certificate, MQTT_KEY_FILE: certificates.key } : {}),
  };
  const script = join(checkout, 'infra/mosquitto/start.sh');
  const mosquitto = runMosquitto({ script, environment, port, scheme: certificates ? 'mqtts' : 'mqtt' });
  await mosquitto.start();
  return mosquitto;
}
