import type { UpChannel } from '@towline/protocol';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ArrivalQueue } from './arrival-queue.ts';
import type { CommittedBatch } from './ingest-lane.ts';

/** What ingest tells Prometheus. */
export interface IngestMetrics {
  received(channel: UpChannel): void;
  refused(code: string): void;
  committed(batch: CommittedBatch): void;
  database(available: boolean): void;
  observeQueues(queues: readonly ArrivalQueue[]): void;
}

const seconds = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const sizes = [1, 3, 10, 30, 100, 300, 1000, 3000, 5000];

export function createIngestMetrics(registry: Registry): IngestMetrics {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []) => new Counter({ name, help, labelNames, registers });
  const received = counter('towline_ingest_received_total', 'Messages from devices', ['channel']);
  // Found once: looking labels up for each message costs more than counting it.
  const receivedOn = new Map<UpChannel, Counter.Internal>();
  const reports = counter('towline_ingest_reports_total', 'Reports by what became of them', ['result']);
  const samples = counter('towline_ingest_samples_total', 'Telemetry samples committed');
  const refused = counter('towline_broker_refused_total', 'What devices had no right to', ['code']);
  const announces = counter('towline_ingest_announces_total', 'Changes that devices announced, by the answer', ['result']);
  const commit = new Histogram({
    name: 'towline_ingest_commit_seconds',
    help: 'Duration of batch transactions',
    buckets: seconds,
    registers,
  });
  const batch = new Histogram({ name: 'towline_ingest_batch_messages', help: 'Messages a transaction', buckets: sizes, registers });
  const database = new Gauge({ name: 'towline_ingest_database_up', help: '1 when the last try to commit went well', registers });
  return {
    received(channel) {
      const count = receivedOn.get(channel) ?? received.labels({ channel });
      receivedOn.set(channel, count);
      count.inc();
    },
    refused: (code) => refused.inc({ code }),
    database: (available) => database.set(available ? 1 : 0),
    committed({ outcome, messages, commitMs }) {
      reports.inc({ result: 'committed' }, outcome.counts.committed);
      reports.inc({ result: 'duplicate' }, outcome.counts.duplicates);
      reports.inc({ result: 'unknown-device' }, outcome.counts.unknown);
      reports.inc({ result: 'quarantined' }, outcome.quarantined);
      samples.inc(outcome.samples);
      for (const { refusal } of outcome.answers) announces.inc({ result: refusal?.code ?? 'confirmed' });
      commit.observe(commitMs / 1000);
      batch.observe(messages);
    },
    observeQueues(queues) {
      const sum = (part: (queue: ArrivalQueue) => number) => queues.reduce((total, queue) => total + part(queue), 0);
      const gauge = (name: string, help: string, part: (queue: ArrivalQueue) => number) =>
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(sum(part));
          },
        });
      gauge('towline_ingest_queue_messages', 'Messages that wait for a batch', (queue) => queue.size);
      gauge('towline_ingest_queue_bytes', 'Bytes that wait for a batch', (queue) => queue.bytes);
      gauge('towline_ingest_held_messages', 'Messages whose devices are not read from', (queue) => queue.heldCount);
      gauge('towline_ingest_shed_messages', 'Messages let go; their devices send them again', (queue) => queue.shedCount);
    },
  };
}
