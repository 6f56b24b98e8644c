import { silentLog } from '@towline/kit';
import type { DeviceAddress, DownChannel } from '@towline/protocol';
import { Registry } from 'prom-client';
import type { UpMessage } from '../../broker/broker.ts';
import { Ingest } from '../../ingest/ingest.ts';
import { createIngestMetrics } from '../../ingest/ingest-metrics.ts';
import { outboxChannel } from '../../outbox/outbox.repository.ts';
import { OutboxPublisher } from '../../outbox/outbox-publisher.ts';
import { systemClock, systemRandom } from '../../platform/clock.ts';
import { openPool } from '../../platform/database.ts';
import { NotificationListener } from '../../platform/notification-listener.ts';
import { type RunningProcess, stopAll } from '../../platform/running-process.ts';
import type { Sealer } from '../../platform/sealer.ts';
import type { DoomedLife } from '../../platform/testing/doomed-life.ts';

export interface DoomedEdgeParts {
  readonly databaseUrl: string;
  readonly sealer: Sealer;
  /** Statements of ingest, and those of the outbox; a process that is dead by one of them says and hears nothing more. */
  readonly lives: { readonly ingest: DoomedLife; readonly outbox: DoomedLife };
  /** Where what it publishes arrives. */
  readonly deliver: (address: DeviceAddress, channel: DownChannel, payload: string) => void;
}

/** Ingest and outbox of an edge, wired as the edge wires them, with its devices in this process instead of a broker. */
export interface DoomedEdge extends RunningProcess {
  isDead(): boolean;
  accept(message: UpMessage): void;
}

const wiring = { clock: systemClock, random: systemRandom, log: silentLog };

export async function startDoomedEdge({ databaseUrl: url, sealer, lives, deliver }: DoomedEdgeParts): Promise<DoomedEdge> {
  const isDead = () => lives.ingest.dead || lives.outbox.dead;
  const publish = (address: DeviceAddress, channel: DownChannel, payload: string) => {
    if (!isDead()) deliver(address, channel, payload);
    return true;
  };
  const ingestPool = openPool({ url, applicationName: 'towline-ingest', connections: 3, log: silentLog, pipeline: true });
  const pool = openPool({ url, applicationName: 'towline-edge', connections: 2, log: silentLog });
  const ingest = new Ingest({
    ...wiring,
    pool: lives.ingest.watch(ingestPool),
    metrics: createIngestMetrics(new Registry()),
    retentionDays: 30,
    acknowledge: (acks) => {
      for (const { address, ack } of acks) publish(address, 'ack', JSON.stringify(ack));
    },
  });
  const broker = { ready: () => true, mayHear: () => true, publish };
  const outbox = new OutboxPublisher({ ...wiring, pool: lives.outbox.watch(pool), broker, sealer });
  const wake = () => outbox.wake();
  const listener = new NotificationListener({ ...wiring, url, channel: outboxChannel, onNotification: wake, onListening: () => undefined });
  ingest.start();
  await listener.start();
  outbox.start();
  return {
    isDead,
    accept: (message) => ingest.accept(message, () => undefined),
    stop: () => stopAll([() => pool.end(), () => ingestPool.end(), () => listener.stop(), () => ingest.stop(), () => outbox.stop()]),
  };
}
