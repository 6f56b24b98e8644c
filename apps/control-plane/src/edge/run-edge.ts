import { faultCode } from '@towline/kit';
import { Counter, Registry } from 'prom-client';
import type { Broker } from '../broker/broker.ts';
import { standingDevices } from '../broker/device-standing.repository.ts';
import { findCredentials } from '../broker/embedded/credentials.repository.ts';
import { Credentials } from '../broker/embedded/credentials.ts';
import { EmbeddedBroker } from '../broker/embedded/embedded-broker.ts';
import { createDeviceAccounts } from '../broker/outside/create-device-accounts.ts';
import { OutsideBroker } from '../broker/outside/outside-broker.ts';
import { systemClock, systemIds, systemRandom } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { type Database, openDatabase } from '../platform/database.ts';
import { Lease } from '../platform/leases.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { type RunningProcess, stopAll } from '../platform/running-process.ts';
import { createSealer, loadSealingKey } from '../platform/sealer.ts';
import { startStatusServer } from '../platform/status-server.ts';
import { createEdgeProcess, type EdgeParts, type EdgeProcess } from './edge-process.ts';
import { forgetPresence } from './forget-presence.repository.ts';
import { edgeLeaseMs, LeaseKeeper } from './lease-keeper.ts';

/** What both kinds of edge are made of. */
type SharedParts = Omit<EdgeParts, 'broker'>;
type RunningEdge = Pick<EdgeProcess, 'stop' | 'unready'>;

function embeddedBroker({ mqtt }: Config, { pool }: Database, log: ControlPlaneLog): Broker {
  const credentials = new Credentials((devices) => findCredentials(pool, devices), systemClock);
  return new EmbeddedBroker({ host: mqtt.host, port: mqtt.port, credentials, clock: systemClock, log });
}

const edgeLease = ({ database }: SharedParts) => new Lease(database.pool, { name: 'edge', holder: systemIds.uuid(), ttlMs: edgeLeaseMs });

/** It needs no lease for itself, but rollouts ask by it whether anybody hears what devices say. */
function tellHearing(parts: SharedParts): RunningProcess {
  const { clock, random, log } = parts;
  const nothing: RunningProcess = { stop: () => Promise.resolve() };
  const keeper = new LeaseKeeper({ lease: edgeLease(parts), clock, random, log, begin: () => Promise.resolve(nothing) });
  keeper.start();
  return keeper;
}

/** With the embedded broker: exactly one at a time, by its port. Sessions of its earlier life are gone without a will. */
async function runEmbedded(broker: Broker, parts: SharedParts): Promise<RunningEdge> {
  const { database, clock, log } = parts;
  const edge = createEdgeProcess({ ...parts, broker });
  const startedMs = clock.wallMs();
  await edge.start();
  const ended = new AbortController();
  const forgetting = forgetPresence(database.pool, startedMs, ended.signal).catch((error: unknown) =>
    log.warn('presence.not-reset', { code: faultCode(error) }),
  );
  const hearing = tellHearing(parts);
  return {
    unready: () => edge.unready(),
    async stop() {
      await hearing.stop();
      ended.abort();
      await forgetting;
      await edge.stop();
    },
  };
}

/** At an outside broker: any number of processes, one of them at work, by a lease. */
function runOutside(url: string, config: Config, parts: SharedParts): RunningEdge {
  const { clock, random, log, database } = parts;
  const keeper = new LeaseKeeper({
    lease: edgeLease(parts),
    clock,
    random,
    log,
    async begin() {
      // Won again: the collectors of the last time speak of queues that are gone.
      parts.metrics.clear();
      const standing = (devices: readonly string[]) => standingDevices(database.pool, devices);
      const name = `edge-${systemIds.uuid().slice(0, 8)}`;
      const accounts = createDeviceAccounts(config.mqtt, { clock, random, log, standing, name });
      const stray = new Counter({
        name: 'towline_broker_stray_total',
        help: 'Messages on topics of no device',
        registers: [parts.metrics],
      });
      const onStray = () => stray.inc();
      const changeSessions = config.mqtt.accounts !== 'none';
      const broker = new OutsideBroker({ url, clientId: `towline-${name}`, clock, random, log, changeSessions, accounts, onStray });
      const edge = createEdgeProcess({ ...parts, broker });
      await edge.start();
      return edge;
    },
  });
  keeper.start();
  // One that stands by is as ready as it can be.
  return { stop: () => keeper.stop(), unready: () => keeper.work()?.unready() ?? null };
}

/** Broker (or the one session at it), ingest and outbox, as a process. */
export async function runEdge(config: Config, databaseUrl: string, log: ControlPlaneLog): Promise<RunningProcess> {
  const database = openDatabase({ url: databaseUrl, applicationName: 'towline-edge', connections: 8, log });
  const metrics = new Registry();
  const sealer = createSealer(loadSealingKey(config.key, config.dataDir));
  let edge: RunningEdge | null = null;
  const unready = () =>
    database.pool.query('select 1').then(
      () => (edge === null ? 'starting' : edge.unready()),
      () => 'database',
    );
  const status = await startStatusServer({ port: config.edgeHttpPort, setting: 'TOWLINE_EDGE_HTTP_PORT', metrics, unready });
  const shared = { database, databaseUrl, sealer, clock: systemClock, random: systemRandom, log, retentionDays: config.telemetryDays };
  const { outsideUrl } = config.mqtt;
  const parts = { ...shared, metrics };
  const stop = () => stopAll([() => database.close(), () => status.stop(), async () => edge?.stop()]);
  try {
    edge = outsideUrl === null ? await runEmbedded(embeddedBroker(config, database, log), parts) : runOutside(outsideUrl, config, parts);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}
