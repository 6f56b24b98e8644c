import type { Clock, Random } from '@towline/kit';
import type { DeviceAddress } from '@towline/protocol';
import type { RefusalCode, UpMessage, UpReceiver } from '../broker/broker.ts';
import type { SqlPool } from '../platform/database.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { Allowance } from './allowance.ts';
import type { AnnounceAnswer } from './answer-announces.ts';
import { ArrivalQueue, type QueueBounds } from './arrival-queue.ts';
import type { AddressedAck } from './commit-batch.ts';
import { type CommittedBatch, IngestLane } from './ingest-lane.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { type ReadMessage, readMessage } from './read-message.ts';
import { insertRefusals, type Refusal } from './refusals.repository.ts';
import { Throttle } from './throttle.ts';

export interface IngestOptions {
  /** Pipelined. */
  readonly pool: SqlPool;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControlPlaneLog;
  readonly metrics: IngestMetrics;
  readonly retentionDays: number;
  readonly acknowledge: (acks: readonly AddressedAck[]) => void;
  readonly bounds?: Partial<QueueBounds>;
}

/** Of each lane. 64 messages a device are many times what an agent keeps in flight. */
const laneBounds: QueueBounds = { messages: 50_000, bytes: 48 * 1024 * 1024, perDevice: 64, held: 20_000, holdMs: 60_000 };
/** Two, so that one parses while the other waits for its commit. */
const lanes = 2;
const dayMs = 24 * 60 * 60_000;
/** So coarse is a device's last-seen time while it is connected: each write of one touches every index of the device. Its end is told exactly. */
const touchEveryMs = 60_000;
const resendEveryMs = 30_000;
const expireEveryMs = 1000;
const announceNewsEveryMs = 60 * 60_000;

/** Everything between the broker's hand and the committed row, and back to the ack. */
export class Ingest implements UpReceiver {
  readonly #options: IngestOptions;
  readonly #queues: ArrivalQueue[];
  readonly #lanes: IngestLane[];
  readonly #touched = new Throttle(touchEveryMs);
  readonly #resent = new Throttle(resendEveryMs);
  readonly #quarantine = new Allowance({ burst: 20, everyMs: 60_000 });
  readonly #refusals = new Allowance({ burst: 3, everyMs: 60_000 });
  /** A device goes on asking: what is wrong with one change is news once. */
  readonly #announces = new Allowance({ burst: 1, everyMs: announceNewsEveryMs });
  #stopped = false;
  #cancelExpiry: () => void = () => undefined;

  constructor(options: IngestOptions) {
    this.#options = options;
    const bounds = { ...laneBounds, ...options.bounds };
    this.#queues = Array.from({ length: lanes }, () => new ArrivalQueue(bounds));
    this.#lanes = this.#queues.map((queue) => this.#makeLane(queue));
    options.metrics.observeQueues(this.#queues);
  }

  start(): void {
    for (const lane of this.#lanes) lane.start();
    this.#expireLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelExpiry();
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }

  accept(message: UpMessage, taken: () => void): void {
    const { clock, metrics } = this.#options;
    const nowMs = clock.wallMs();
    metrics.received(message.channel);
    const arrival = { message: this.#read(message, nowMs), bytes: message.payload.length + 256, taken };
    this.#queueOf(message.device)?.offer(arrival, clock.monotonicMs());
  }

  refused(address: DeviceAddress, code: RefusalCode): void {
    const { clock, log, metrics } = this.#options;
    metrics.refused(code);
    const { tenant, device } = address;
    log.warn('broker.publish-refused', { tenant, device, code });
    if (!this.#refusals.take(device, clock.monotonicMs())) return;
    this.#tell({ tenant, device, code });
  }

  #refusedAnnounce({ address: { tenant, device }, announce: { transaction, modem }, refusal }: AnnounceAnswer): void {
    // Replaced while it was under way: that is how it should be, and the device is sent what holds.
    if (!refusal || refusal.code === 'announce.superseded') return;
    const { clock, log } = this.#options;
    log.warn('ingest.announce-refused', { tenant, device, code: refusal.code });
    const nowMs = clock.monotonicMs();
    if (!this.#announces.take(`${device} ${transaction} ${refusal.code}`, nowMs) || !this.#refusals.take(device, nowMs)) return;
    this.#tell({ tenant, device, code: refusal.code, modem, evidence: [transaction, ...refusal.evidence] });
  }

  #tell(refusal: Refusal): void {
    insertRefusals(this.#options.pool, [refusal]).catch(() => undefined);
  }

  #read(message: UpMessage, nowMs: number): ReadMessage {
    const read = readMessage(message, nowMs);
    if (read.kind !== 'bad') return read;
    const keep = this.#quarantine.take(message.device, this.#options.clock.monotonicMs());
    this.#options.log.warn('ingest.quarantined', { device: message.device, channel: message.channel, code: read.code, kept: keep });
    return { ...read, keep };
  }

  #queueOf(device: string): ArrivalQueue | undefined {
    // The last character of a device id is as random as any.
    return this.#queues[device.charCodeAt(device.length - 1) % lanes];
  }

  #makeLane(queue: ArrivalQueue): IngestLane {
    const { pool, clock, random, log, metrics, retentionDays } = this.#options;
    return new IngestLane({
      queue,
      pool,
      clock,
      random,
      log,
      commit: {
        retentionMs: retentionDays * dayMs,
        isTouchDue: (key, nowMs) => this.#touched.isDue(key, nowMs),
        isResendDue: (key, nowMs) => this.#resent.isDue(key, nowMs),
      },
      onCommitted: (batch) => this.#committed(batch),
      onDatabase: (available) => metrics.database(available),
    });
  }

  #committed(batch: CommittedBatch): void {
    const nowMs = this.#options.clock.wallMs();
    for (const key of batch.outcome.touched) this.#touched.mark(key, nowMs);
    for (const key of batch.outcome.resent) this.#resent.mark(key, nowMs);
    this.#options.metrics.committed(batch);
    for (const answer of batch.outcome.answers) this.#refusedAnnounce(answer);
    this.#options.acknowledge(batch.outcome.acks);
  }

  #expireLater(): void {
    const { clock } = this.#options;
    this.#cancelExpiry = clock.schedule(expireEveryMs, () => {
      for (const queue of this.#queues) queue.expire(clock.monotonicMs());
      if (!this.#stopped) this.#expireLater();
    });
  }
}
