import { Registry } from 'prom-client';
import { findCredential } from '../broker/embedded/credentials.repository.ts';
import { Credentials } from '../broker/embedded/credentials.ts';
import { EmbeddedBroker } from '../broker/embedded/embedded-broker.ts';
import { systemClock, systemRandom } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { openDatabase } from '../platform/database.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { type RunningProcess, stopAll } from '../platform/running-process.ts';
import { createSealer, loadSealingKey } from '../platform/sealer.ts';
import { startStatusServer } from '../platform/status-server.ts';
import { createEdgeProcess } from './edge-process.ts';

/** The embedded broker with its ingest and outbox: exactly one at a time, by its port. */
export async function runEdge(config: Config, databaseUrl: string, log: ControlPlaneLog): Promise<RunningProcess> {
  const database = openDatabase({ url: databaseUrl, applicationName: 'towline-edge', connections: 8, log });
  const { pool } = database;
  const metrics = new Registry();
  const broker = new EmbeddedBroker({
    host: config.mqtt.host,
    port: config.mqtt.port,
    credentials: new Credentials((device) => findCredential(pool, device), systemClock),
    log,
  });
  const sealer = createSealer(loadSealingKey(config.key, config.dataDir));
  const wiring = { broker, database, databaseUrl, sealer, clock: systemClock, random: systemRandom, log, metrics };
  const edge = createEdgeProcess({ ...wiring, retentionDays: config.telemetryDays });
  const unready = async () => {
    await pool.query('select 1');
    return null;
  };
  const status = await startStatusServer({
    port: config.edgeHttpPort,
    setting: 'TOWLINE_EDGE_HTTP_PORT',
    metrics,
    unready: () => unready().catch(() => 'database'),
  });
  await edge.start();
  return { stop: () => stopAll([() => database.close(), () => status.stop(), () => edge.stop()]) };
}
