import { Registry } from 'prom-client';
import { systemClock, systemIds } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { openDatabase } from '../platform/database.ts';
import { Lease } from '../platform/leases.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { type RunningProcess, stopAll } from '../platform/running-process.ts';
import { startStatusServer } from '../platform/status-server.ts';
import { TickerRepository } from './ticker.repository.ts';
import { Ticker } from './ticker.ts';

const leaseMs = 120_000;

/** The periodic work, as a process. */
export async function runTicker(config: Config, databaseUrl: string, log: ControlPlaneLog): Promise<RunningProcess> {
  const database = openDatabase({ url: databaseUrl, applicationName: 'towline-ticker', connections: 3, log });
  const { pool } = database;
  const ticker = new Ticker({
    repository: new TickerRepository(pool),
    partitionLease: new Lease(pool, { name: 'telemetry-partitions', holder: systemIds.uuid(), ttlMs: leaseMs }),
    clock: systemClock,
    log,
    retention: { telemetryDays: config.telemetryDays, auditDays: config.auditDays },
  });
  const status = await startStatusServer({
    port: config.tickerHttpPort,
    setting: 'TOWLINE_TICKER_HTTP_PORT',
    metrics: new Registry(),
    unready: () =>
      pool.query('select 1').then(
        () => null,
        () => 'database',
      ),
  });
  await ticker.start();
  return { stop: () => stopAll([() => database.close(), () => status.stop(), () => ticker.stop()]) };
}
