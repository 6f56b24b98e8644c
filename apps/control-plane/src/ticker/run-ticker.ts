import { Registry } from 'prom-client';
import { DriftRepository } from '../drift/drift.repository.ts';
import { ChangeFeed } from '../platform/change-feed.ts';
import { systemClock, systemIds, systemRandom } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { type Database, openDatabase, type SqlPool } from '../platform/database.ts';
import { Lease } from '../platform/leases.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { NotificationListener } from '../platform/notification-listener.ts';
import { type RunningProcess, stopAll } from '../platform/running-process.ts';
import { createSealer, loadSealingKey } from '../platform/sealer.ts';
import { startStatusServer } from '../platform/status-server.ts';
import { RolloutGrowth } from '../rollouts/rollout-growth.repository.ts';
import { createRolloutTick } from '../rollouts/tick/create-rollout-tick.ts';
import { allowedNetworks } from '../webhooks/address-guard.ts';
import { sendWebhook } from '../webhooks/send-webhook.ts';
import { WebhookCourier } from '../webhooks/webhook-courier.ts';
import { WebhookDeliveriesRepository } from '../webhooks/webhook-deliveries.repository.ts';
import { webhookChannel } from '../webhooks/webhook-queue.repository.ts';
import { TickerRepository } from './ticker.repository.ts';
import { Ticker } from './ticker.ts';

const leaseMs = 120_000;

/** Carries webhooks: woken by what is queued, and by itself when a try is due. */
function startCourier(config: Config, { url, pool, log }: { url: string; pool: SqlPool; log: ControlPlaneLog }) {
  const allowed = allowedNetworks(config.webhookNetworks);
  const courier = new WebhookCourier({
    deliveries: new WebhookDeliveriesRepository(pool),
    send: (request) => sendWebhook(request, allowed, systemClock),
    sealer: createSealer(loadSealingKey(config.key, config.dataDir)),
    clock: systemClock,
    random: systemRandom,
    log,
  });
  const wake = () => courier.wake();
  const listener = new NotificationListener({
    url,
    channel: webhookChannel,
    clock: systemClock,
    random: systemRandom,
    log,
    onNotification: wake,
    onListening: wake,
  });
  return { courier, listener };
}

/** Drives rollouts: woken by what devices say of their targets and jobs, and by itself each second. */
function startRollouts(config: Config, { url, database, log }: { url: string; database: Database; log: ControlPlaneLog }) {
  const sealer = createSealer(loadSealingKey(config.key, config.dataDir));
  const tick = createRolloutTick({ database, sealer, ids: systemIds, clock: systemClock, log });
  const feed = new ChangeFeed({ url, clock: systemClock, random: systemRandom, log });
  feed.subscribe({
    onChange: ({ kind }) => {
      if (kind === 'target' || kind === 'job' || kind === 'rollout') tick.wake();
    },
    onGap: () => tick.wake(),
  });
  return { tick, feed };
}

/** The periodic work, as a process. */
export async function runTicker(config: Config, databaseUrl: string, log: ControlPlaneLog): Promise<RunningProcess> {
  const database = openDatabase({ url: databaseUrl, applicationName: 'towline-ticker', connections: 5, log });
  const { pool } = database;
  const ticker = new Ticker({
    repository: new TickerRepository(pool),
    drift: new DriftRepository(database, systemRandom),
    growth: new RolloutGrowth(database, log),
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
  const { courier, listener } = startCourier(config, { url: databaseUrl, pool, log });
  await listener.start();
  await ticker.start();
  const { tick, feed } = startRollouts(config, { url: databaseUrl, database, log });
  await feed.start();
  tick.start();
  return {
    stop: () =>
      stopAll([
        () => database.close(),
        () => status.stop(),
        () => Promise.all([ticker.stop(), courier.stop(), tick.stop()]).then(() => undefined),
        () => Promise.all([listener.stop(), feed.stop()]).then(() => undefined),
      ]),
  };
}
