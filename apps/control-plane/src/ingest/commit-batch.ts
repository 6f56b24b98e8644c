import type { Ack, DeviceAddress } from '@towline/protocol';
import { markDrift } from '../drift/mark-drift.repository.ts';
import { enqueueOpenJobs, enqueueTargets } from '../outbox/outbox.repository.ts';
import { announceInSql, type Change } from '../platform/change-feed.ts';
import type { PipelinedTransaction, SqlClient } from '../platform/database.ts';
import { queueWebhooksInSql } from '../webhooks/webhook-queue.repository.ts';
import type { AnnounceAnswer } from './answer-announces.ts';
import {
  type Addressed,
  type BatchDraft,
  deviceKey,
  draftBatch,
  type Heard,
  type StreamRow,
  streamKey,
  streamsOf,
  type WantedStream,
} from './batch-draft.ts';
import { applyStates, lockSessions, saveSessions, touchDevices } from './device-latest.repository.ts';
import { saveJobReports } from './job-reports.repository.ts';
import { isHello, type ReadMessage } from './read-message.ts';
import { insertEvents, insertQuarantine } from './reports.repository.ts';
import { foldSessions, type SessionMessage } from './sessions.ts';
import { type SpokenTargets, settleTargets, wantedTargets } from './settle-targets.ts';
import { lockStreams, moveStreams, renewStreams, type StreamMove } from './streams.repository.ts';
import { lockTargets } from './target-rows.repository.ts';
import { insertTelemetry } from './telemetry-samples.repository.ts';
import { webhookNotesOf } from './webhook-notes.ts';

export interface CommitOptions {
  readonly retentionMs: number;
  /** How far all of these streams are committed, as far as is known; null when they must be looked up. */
  readonly recall: (wanted: readonly WantedStream[]) => Map<string, StreamRow> | null;
  /** Whether a device's last-seen time is old enough to be written again. */
  readonly isTouchDue: (key: string, nowMs: number) => boolean;
  /** Whether a target may be sent again to a device that says it lacks it. */
  readonly isResendDue: (key: string, nowMs: number) => boolean;
}

export interface AddressedAck {
  readonly address: DeviceAddress;
  readonly ack: Ack;
}

/** What is to be done once the commit is known. */
export interface BatchOutcome {
  readonly acks: AddressedAck[];
  /** To changes that were announced; the yes is on its way by the outbox. */
  readonly answers: readonly AnnounceAnswer[];
  /** Every stream of the batch, by key, as it then stands. */
  readonly streams: ReadonlyMap<string, StreamRow>;
  readonly counts: BatchDraft['counts'];
  readonly quarantined: number;
  readonly samples: number;
  /** Keys of devices whose last-seen time was written. */
  readonly touched: string[];
  readonly resent: string[];
}

const isSession = (message: ReadMessage): message is SessionMessage => message.kind === 'hello' || message.kind === 'presence';

/**
 * Writes a batch inside the caller's transaction. The streams decide what is new, so that running it again after a lost answer changes
 * nothing. Where somebody greets they are locked first; else, as nearly always, they are moved from where they are remembered to be, which
 * saves the wait for their rows and fails where they have moved meanwhile.
 */
export async function commitBatch(
  { client, later }: PipelinedTransaction,
  messages: readonly ReadMessage[],
  options: CommitOptions,
): Promise<BatchOutcome> {
  const wanted = streamsOf(messages);
  const remembered = messages.some(isHello) ? null : options.recall(wanted);
  const streams = remembered ?? (await lookUpStreams(client, messages, wanted));
  const draft = draftBatch(messages, streams, options.retentionMs);
  // Also those that stay where they are: what is acknowledged must not rest on memory alone.
  later(moveStreams(client, remembered ? movesOf(remembered, draft) : movesOf(streams, draft).filter(({ from, to }) => from !== to)));
  later(insertTelemetry(client, draft.telemetry));
  const sessions = await writeSessions(client, messages, draft);
  const due = new Map([...draft.heard].filter(([key, { receivedAt }]) => options.isTouchDue(key, receivedAt)));
  const reports = await writeReports({ client, later }, { messages, draft, isTouched: (address) => due.has(deviceKey(address)) });
  const { lacking, changed, answers } = settleTargets({ client, later }, messages, reports);
  const resent = dueResends(lacking, messages, options);
  later(enqueueTargets(client, resent));
  later(touchDevices(client, unseenOf(due, [...sessions, ...reports.states])));
  later(markDrift(client, reports.states));
  later(queueWebhooksInSql(client, webhookNotesOf(draft.events)));
  later(announceInSql(client, [...sessions.map(changeOf('device')), ...reports.changes, ...changed.map(changeOf('target'))]));
  return {
    acks: acksOf(messages, draft),
    answers,
    streams: draft.streams,
    counts: draft.counts,
    quarantined: draft.quarantine.length,
    samples: draft.telemetry.at.length,
    touched: [...due.keys()],
    resent: resent.map(deviceKey),
  };
}

async function lookUpStreams(client: SqlClient, messages: readonly ReadMessage[], wanted: readonly WantedStream[]) {
  const greeted = messages.filter(isHello).map(({ address, hello: { stream } }) => ({ address, epoch: stream.epoch }));
  await renewStreams(client, greeted);
  return lockStreams(client, wanted);
}

const changeOf =
  (kind: 'device' | 'target') =>
  ({ address: { tenant, device } }: Addressed): Change => ({ tenant, kind, id: device, device });

/** @returns whose row was written */
async function writeSessions(client: SqlClient, messages: readonly ReadMessage[], draft: BatchDraft): Promise<readonly Addressed[]> {
  const spoken = messages.filter(isSession);
  const last = spoken.at(-1);
  if (!last) return [];
  const addresses = new Map(spoken.map(({ address }) => [deviceKey(address), address]));
  const { sessions, events } = foldSessions(await lockSessions(client, [...addresses.values()]), spoken);
  draft.events.push(...events);
  await saveSessions(client, sessions, last.receivedAt);
  await enqueueOpenJobs(client, [...new Map(spoken.filter(isHello).map(({ address }) => [deviceKey(address), address])).values()]);
  return sessions;
}

interface Written extends SpokenTargets {
  readonly changes: readonly Change[];
}

interface Said {
  readonly messages: readonly ReadMessage[];
  readonly draft: BatchDraft;
  /** Whether the device's last-seen time is to be written. */
  readonly isTouched: (address: DeviceAddress) => boolean;
}

async function writeReports({ client, later }: PipelinedTransaction, { messages, draft, isTouched }: Said): Promise<Written> {
  const kept = draft.quarantine.filter(({ keep }) => keep);
  later(insertQuarantine(client, kept));
  const jobs = await saveJobReports(client, draft.jobs);
  const newest = [...draft.states.values()];
  // Each is one statement and needs none of the others: one turn for all three.
  const [eventIds, applied, targets] = await Promise.all([
    insertEvents(client, draft.events),
    applyStates(client, newest, isTouched),
    lockTargets(client, wantedTargets(messages, newest)),
  ]);
  const states = applied.flatMap((address) => draft.states.get(deviceKey(address)) ?? []);
  const events = draft.events.map(
    ({ address: { tenant, device } }, index): Change => ({ tenant, kind: 'event', id: eventIds[index] ?? '', device }),
  );
  const jobChanges = jobs.map(({ address: { tenant, device }, id }): Change => ({ tenant, kind: 'job', id, device }));
  return { states, targets, changes: [...states.map(changeOf('device')), ...events, ...jobChanges] };
}

/** A device that has just connected gets what it lacks at once; one that goes on lacking it, only now and then. */
function dueResends(
  lacking: readonly DeviceAddress[],
  messages: readonly ReadMessage[],
  { isResendDue }: CommitOptions,
): readonly DeviceAddress[] {
  const greeted = new Set(messages.filter(isHello).map(({ address }) => deviceKey(address)));
  const nowMs = messages.at(-1)?.receivedAt ?? 0;
  return lacking.filter((address) => greeted.has(deviceKey(address)) || isResendDue(deviceKey(address), nowMs));
}

/** Those whose last-seen time or signal is not in what was written of them already. */
function unseenOf(due: ReadonlyMap<string, Heard>, written: readonly Addressed[]): Heard[] {
  const seen = new Set(written.map(({ address }) => deviceKey(address)));
  return [...due].filter(([key, { signalDbm }]) => signalDbm !== null || !seen.has(key)).map(([, heard]) => heard);
}

function movesOf(streams: ReadonlyMap<string, StreamRow>, draft: BatchDraft): StreamMove[] {
  return [...streams].map(([key, from]) => ({ from, to: draft.streams.get(key) ?? from }));
}

function acksOf(messages: readonly ReadMessage[], draft: BatchDraft): AddressedAck[] {
  const throughOf = (key: string) => draft.streams.get(key)?.through;
  const reports = [...draft.acks.entries()].flatMap(([key, { address, epoch, faults }]) => {
    const through = throughOf(key);
    return through === undefined ? [] : [{ address, ack: faults.length > 0 ? { epoch, through, faults } : { epoch, through } }];
  });
  const hellos = messages.filter(isHello).flatMap(({ address, hello: { stream, nonce } }) => {
    const through = throughOf(streamKey(address, stream.epoch));
    return through === undefined ? [] : [{ address, ack: { epoch: stream.epoch, through, nonce } }];
  });
  return [...hellos, ...reports];
}
