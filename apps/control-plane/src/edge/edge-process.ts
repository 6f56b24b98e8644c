import type { Clock, Random } from '@towline/kit';
import { Gauge, type Registry } from 'prom-client';
import type { Broker } from '../broker/broker.ts';
import type { AddressedAck } from '../ingest/commit-batch.ts';
import { Ingest } from '../ingest/ingest.ts';
import { createIngestMetrics } from '../ingest/ingest-metrics.ts';
import { outboxChannel } from '../outbox/outbox.repository.ts';
import { OutboxPublisher } from '../outbox/outbox-publisher.ts';
import { type Database, openPool } from '../platform/database.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { NotificationListener } from '../platform/notification-listener.ts';
import { type RunningProcess, stopAll } from '../platform/running-process.ts';
import type { Sealer } from '../platform/sealer.ts';

export interface EdgeParts {
  readonly broker: Broker;
  readonly database: Database;
  readonly databaseUrl: string;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControlPlaneLog;
  readonly metrics: Registry;
  readonly retentionDays: number;
}

/** One for each lane, and one for what the broker refused. */
const ingestConnections = 3;
/** Told by a trigger of the database, whoever revokes. */
const credentialChannel = 'towline_credential';

export interface EdgeProcess extends RunningProcess {
  /** What was started is stopped again when it fails half-way. */
  start(): Promise<void>;
  /** Why nothing can come or go now; null when it can. */
  unready(): 'broker' | null;
}

function observeSessions(broker: Broker, registry: Registry): void {
  const gauge = (name: string, help: string, read: () => number | null) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const value = read();
        if (value !== null) this.set(value);
      },
    });
  gauge('towline_broker_sessions', 'Sessions of devices at the embedded broker', () => broker.sessions());
  gauge('towline_broker_ready', '1 while messages can go out', () => (broker.ready() ? 1 : 0));
}

/** Broker, ingest and outbox of one edge, wired; nothing runs before `start`. */
export function createEdgeProcess(parts: EdgeParts): EdgeProcess {
  const { broker, database, clock, random, log, sealer } = parts;
  const { pool } = database;
  const ingestPool = openPool({
    url: parts.databaseUrl,
    applicationName: 'towline-ingest',
    connections: ingestConnections,
    log,
    pipeline: true,
  });
  const acknowledge = (acks: readonly AddressedAck[]) => {
    // The answer to a hello tells the device whether its changes will be confirmed.
    const confirms = broker.changeSessions || undefined;
    for (const { address, ack } of acks) {
      broker.publish(address, 'ack', JSON.stringify(ack.nonce === undefined ? ack : { ...ack, confirms }));
    }
  };
  observeSessions(broker, parts.metrics);
  const metrics = createIngestMetrics(parts.metrics);
  const ingest = new Ingest({ pool: ingestPool, clock, random, log, metrics, retentionDays: parts.retentionDays, acknowledge });
  const outbox = new OutboxPublisher({ pool, broker, sealer, clock, random, log });
  const listen = (channel: string, onNotification: (payload: string) => void, onListening: () => void) =>
    new NotificationListener({ url: parts.databaseUrl, channel, clock, random, log, onNotification, onListening });
  const listeners = [
    listen(
      outboxChannel,
      () => outbox.wake(),
      () => outbox.wake(),
    ),
    listen(
      credentialChannel,
      (device) => broker.disconnect(device),
      () => broker.cutRevoked(),
    ),
  ];
  const stop = () =>
    stopAll([
      () => stopAll(listeners.map((listener) => () => listener.stop())),
      () => ingestPool.end(),
      () => ingest.stop(),
      () => outbox.stop(),
      () => broker.stop(),
    ]);
  return {
    async start() {
      try {
        ingest.start();
        await Promise.all(listeners.map((listener) => listener.start()));
        await broker.start(ingest);
        outbox.start();
      } catch (error) {
        // Half an edge would go on listening, and hold connections, for as long as the process lives.
        await stop();
        throw error;
      }
    },
    stop,
    unready: () => (broker.ready() ? null : 'broker'),
  };
}
