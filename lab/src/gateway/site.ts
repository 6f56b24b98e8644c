import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { nodeRandom, systemClock } from '@towline/agent/node';
import { type ControlPlaneProcess, type OperatorApi, operatorApi, startControlPlane } from '@towline/demo';
import { type CoreNetwork, createCoreNetwork } from '@towline/simulator';
import { createHostTunnel, type HostTunnel } from '@towline/simulator/node';
import { nameOfRun } from '../dead-runs.ts';
import { runPid } from '../namespace.ts';
import { places } from '../places.ts';

/** What lies beyond the operator's network: the internet of the lab, with a control plane in it. One for a whole run. */
export interface Site {
  readonly core: CoreNetwork;
  /** The agent as it was built when the run began: a guest holds on to files that it has read. */
  readonly agentBundle: string;
  /** File that the control plane logs to, once it runs; gone with the site. */
  readonly controlPlaneLog: string;
  /** Starts it when it is first asked for. */
  controlPlane(): Promise<{ readonly api: OperatorApi; readonly url: string }>;
  /** Ends it; the next call of `controlPlane` starts it again on what it has stored. */
  stopControlPlane(): Promise<void>;
  close(): Promise<void>;
}

/** Where devices find the control plane: the name is known to the operator's resolvers only. */
export const controlPlaneName = 'fleet.lab';
export const ports = { http: 8080, mqtt: 1883 } as const;
/** RFC 2544's range, which is nobody's: this end of the tunnel, and bearers behind the core from 198.18.1.1 on. */
export const internetAddress = '198.18.0.1';
export const internetAddress6 = '2001:db8:ffff::1';
const tunnelAddresses = { address: `${internetAddress}/15`, address6: `${internetAddress6}/32` } as const;

const environment = {
  // Every port is free in a namespace of our own; nothing but guests and bearers reaches them.
  TOWLINE_HTTP_HOST: '0.0.0.0',
  TOWLINE_MQTT_HOST: '0.0.0.0',
  TOWLINE_HTTP_PORT: String(ports.http),
  TOWLINE_MQTT_PORT: String(ports.mqtt),
  TOWLINE_PUBLIC_MQTT_URL: `mqtt://${controlPlaneName}:${ports.mqtt}`,
};

export async function openSite(): Promise<Site> {
  const tunnel: HostTunnel = await createHostTunnel({
    clock: systemClock,
    name: 'internet',
    ...tunnelAddresses,
  });
  const core = createCoreNetwork({
    exit: tunnel,
    clock: systemClock,
    random: nodeRandom,
    names: { [controlPlaneName]: [internetAddress] },
  });
  let starting: Promise<ControlPlaneProcess> | null = null;
  // Postgres' account may enter it, which a temporary directory's 0700 forbids.
  const dataDir = mkdtempSync(join(tmpdir(), nameOfRun(runPid() ?? process.pid)));
  chmodSync(dataDir, 0o755);
  const controlPlaneLog = join(dataDir, 'control-plane.log');
  function start(): Promise<ControlPlaneProcess> {
    const fresh = startControlPlane({ dataDir: join(dataDir, 'data'), environment, logFile: controlPlaneLog });
    // Whoever asks after one that did not come up in time gets another.
    fresh.catch(() => {
      if (starting === fresh) starting = null;
    });
    return fresh;
  }
  mkdirSync(places.runs, { recursive: true });
  const agentBundle = join(places.runs, `${basename(dataDir)}.cjs`);
  copyFileSync(places.agentBundle, agentBundle);
  async function stopControlPlane(): Promise<void> {
    const ending = starting;
    starting = null;
    await (await ending?.catch(() => null))?.stop();
  }
  return {
    core,
    agentBundle,
    controlPlaneLog,
    async controlPlane() {
      starting ??= start();
      const { url, token } = await starting;
      return { url, api: operatorApi(url, token) };
    },
    stopControlPlane,
    async close() {
      await stopControlPlane();
      await tunnel.close();
      rmSync(agentBundle, { force: true });
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
