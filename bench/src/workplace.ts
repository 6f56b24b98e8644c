import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ControlPlaneProcess, type OperatorApi, operatorApi, startControlPlane } from '@towline/demo';
import { freePorts } from './free-ports.ts';

/** What a benchmark runs in. Whatever it starts is ended when it is over, the last first. */
export interface Workplace {
  readonly directory: string;
  /** Registers what is to be ended, or taken away, at the end. */
  atEnd(end: () => Promise<void> | void): void;
  leave(): Promise<void>;
}

/**
 * Makes a directory that goes away on `leave`. On /var/tmp, which lasts over a reboot and so is no RAM disk: a Postgres that only seems durable
 * would flatter.
 */
export function enterWorkplace(): Workplace {
  const directory = mkdtempSync('/var/tmp/towline-bench-');
  // As root, the embedded Postgres runs under an account of its own, which has to enter here; what is secret has modes of its own.
  chmodSync(directory, 0o755);
  const ends: (() => Promise<void> | void)[] = [() => rmSync(directory, { recursive: true, force: true })];
  return {
    directory,
    atEnd: (end) => void ends.push(end),
    async leave() {
      for (let end = ends.pop(); end; end = ends.pop()) await end();
    },
  };
}

/** A control plane of its own, as its users run it: supervisor, api, edge, ticker, embedded Postgres with its default durability. */
export interface BenchedControlPlane extends Pick<ControlPlaneProcess, 'url' | 'token' | 'pid'> {
  readonly api: OperatorApi;
  readonly mqttPort: number;
  readonly edgeHttpPort: number;
  readonly databaseUrl: string;
}

export async function raiseControlPlane(place: Workplace): Promise<BenchedControlPlane> {
  const [http = 0, mqttPort = 0, postgres = 0, edgeHttpPort = 0, ticker = 0] = await freePorts(5);
  const dataDir = join(place.directory, 'control-plane');
  const environment = {
    TOWLINE_HTTP_PORT: String(http),
    TOWLINE_MQTT_PORT: String(mqttPort),
    TOWLINE_POSTGRES_PORT: String(postgres),
    TOWLINE_EDGE_HTTP_PORT: String(edgeHttpPort),
    TOWLINE_TICKER_HTTP_PORT: String(ticker),
  };
  const controlPlane = await startControlPlane({ dataDir, environment, logFile: join(place.directory, 'control-plane.log') });
  place.atEnd(controlPlane.stop);
  const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8').trim();
  return {
    url: controlPlane.url,
    token: controlPlane.token,
    pid: controlPlane.pid,
    api: operatorApi(controlPlane.url, controlPlane.token),
    mqttPort,
    edgeHttpPort,
    databaseUrl: `postgresql://towline:${encodeURIComponent(password)}@127.0.0.1:${postgres}/towline`,
  };
}
