import type { Ack, DeviceAddress } from '@towline/protocol';
import { markDrift } from '../drift/mark-drift.repository.ts';
import { enqueueOpenJobs, enqueueTargets } from '../outbox/outbox.repository.ts';
import { announceInSql, type Change } from '../platform/change-feed.ts';
import type { Later, SqlClient } from '../platform/database.ts';
import { queueWebhooksInSql } from '../webhooks/webhook-queue.repository.ts';
import { type AnnounceAnswer, answerAnnounces } from './announces.repository.ts';
import {
  type BatchDraft,
  deviceKey,
  draftBatch,
  type FreshState,
  type StreamRow,
  streamKey,
  streamsOf,
  type WantedStream,
} from './batch-draft.ts';
import { applyStates, lockSessions, saveSessions, touchDevices } from './device-latest.repository.ts';
import { saveJobReports } from './job-reports.repository.ts';
import type { ReadMessage } from './read-message.ts';
import { insertEvents, insertQuarantine } from './reports.repository.ts';
import { foldSessions, type SessionMessage } from './sessions.ts';
import { lockStreams, moveStreams, renewStreams, type StreamMove } from './streams.repository.ts';
import { noteTargets, type TargetHeld } from './targets-held.repository.ts';
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

/** The transaction that a batch is written in. */
export interface BatchTransaction {
  readonly client: SqlClient;
  readonly later: Later;
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
type HelloMessage = Extract<ReadMessage, { kind: 'hello' }>;
const isHello = (message: ReadMessage): message is HelloMessage => message.kind === 'hello';
const isAnnounce = (message: ReadMessage): message is Extract<ReadMessage, { kind: 'announce' }> => message.kind === 'announce';
const isTelemetry = ({ kind }: ReadMessage): boolean => kind === 'telemetry';

/**
 * Writes a batch inside the caller's transaction. The streams decide what is new, so that running it again after a lost answer changes
 * nothing. They are locked first; but of mere telemetry, nearly all there is, they are moved from where they are remembered to be, which
 * saves the wait for their rows and fails where they have moved meanwhile.
 */
export async function commitBatch(
  { client, later }: BatchTransaction,
  messages: readonly ReadMessage[],
  options: CommitOptions,
): Promise<BatchOutcome> {
  const wanted = streamsOf(messages);
  const remembered = messages.every(isTelemetry) ? options.recall(wanted) : null;
  const streams = remembered ?? (await lookUpStreams(client, messages, wanted));
  const draft = draftBatch(messages, streams, options.retentionMs);
  // Also those that stay where they are: what is acknowledged must not rest on memory alone.
  later(moveStreams(client, remembered ? movesOf(remembered, draft) : movesOf(streams, draft).filter(({ from, to }) => from !== to)));
  later(insertTelemetry(client, draft.telemetry));
  const sessions = await writeSessions(client, messages, draft);
  const { states, changes } = await writeReports(client, draft);
  const { lacking, changed } = await noteTargets(client, targetWords(messages, states));
  const answers = await answerAnnounces(client, messages.filter(isAnnounce));
  const resent = await enqueueResends(client, lacking, { messages, options });
  const due = [...draft.heard.entries()].filter(([key, heard]) => options.isTouchDue(key, heard.receivedAt));
  later(
    touchDevices(
      client,
      due.map(([, heard]) => heard),
    ),
  );
  later(markDrift(client, states));
  later(queueWebhooksInSql(client, webhookNotesOf(draft.events)));
  const answered = answers.filter(({ isNews }) => isNews).map(({ address }) => address);
  later(announceInSql(client, [...sessions, ...changes, ...[...changed, ...answered].map(changeOf('target'))]));
  const { counts, quarantine, telemetry } = draft;
  return {
    acks: acksOf(messages, draft),
    answers,
    streams: draft.streams,
    counts,
    quarantined: quarantine.length,
    samples: telemetry.at.length,
    touched: due.map(([key]) => key),
    resent,
  };
}

async function lookUpStreams(client: SqlClient, messages: readonly ReadMessage[], wanted: readonly WantedStream[]) {
  const greeted = messages.filter(isHello).map(({ address, hello: { stream } }) => ({ address, epoch: stream.epoch }));
  await renewStreams(client, greeted);
  return lockStreams(client, wanted);
}

const changeOf =
  (kind: 'device' | 'target') =>
  ({ tenant, device }: DeviceAddress): Change => ({ tenant, kind, id: device, device });

async function writeSessions(client: SqlClient, messages: readonly ReadMessage[], draft: BatchDraft): Promise<Change[]> {
  const spoken = messages.filter(isSession);
  const last = spoken.at(-1);
  if (!last) return [];
  const addresses = new Map(spoken.map(({ address }) => [deviceKey(address), address]));
  const { sessions, events } = foldSessions(await lockSessions(client, [...addresses.values()]), spoken);
  draft.events.push(...events);
  await saveSessions(client, sessions, last.receivedAt);
  await enqueueOpenJobs(client, [...new Map(spoken.filter(isHello).map(({ address }) => [deviceKey(address), address])).values()]);
  return sessions.map(({ address }) => changeOf('device')(address));
}

interface Written {
  /** One a device, newer than all that it had said; a late one says nothing of anything any more. */
  readonly states: readonly FreshState[];
  readonly changes: readonly Change[];
}

async function writeReports(client: SqlClient, draft: BatchDraft): Promise<Written> {
  const eventIds = await insertEvents(client, draft.events);
  const applied = await applyStates(client, [...draft.states.values()]);
  const states = applied.flatMap((address) => draft.states.get(deviceKey(address)) ?? []);
  const jobs = await saveJobReports(client, draft.jobs);
  await insertQuarantine(
    client,
    draft.quarantine.filter(({ keep }) => keep),
  );
  const events = draft.events.map(
    ({ address: { tenant, device } }, index): Change => ({ tenant, kind: 'event', id: eventIds[index] ?? '', device }),
  );
  const jobChanges = jobs.map(({ address: { tenant, device }, id }): Change => ({ tenant, kind: 'job', id, device }));
  return { states, changes: [...applied.map(changeOf('device')), ...events, ...jobChanges] };
}

/** The last word of each device in this batch: its state, where one was taken, else its hello or its announce. */
function targetWords(messages: readonly ReadMessage[], states: readonly FreshState[]): TargetHeld[] {
  const words = new Map<string, TargetHeld>();
  // Who announces what has been replaced is to learn of it.
  for (const { address, announce } of messages.filter(isAnnounce)) {
    words.set(deviceKey(address), { address, held: announce.version, digest: announce.digest, status: null });
  }
  for (const { address, hello } of messages.filter(isHello)) {
    words.set(deviceKey(address), { address, held: hello.held.target, status: null });
  }
  for (const { address, report } of states) {
    words.set(deviceKey(address), { address, held: report.held.target, status: report.target });
  }
  return [...words.values()];
}

/** A device that has just connected gets what it lacks at once; one that goes on lacking it, only now and then. */
async function enqueueResends(
  client: SqlClient,
  lacking: readonly DeviceAddress[],
  { messages, options }: { messages: readonly ReadMessage[]; options: CommitOptions },
): Promise<string[]> {
  const greeted = new Set(messages.filter(isHello).map(({ address }) => deviceKey(address)));
  const nowMs = messages.at(-1)?.receivedAt ?? 0;
  const due = lacking.filter((address) => greeted.has(deviceKey(address)) || options.isResendDue(deviceKey(address), nowMs));
  await enqueueTargets(client, due);
  return due.map(deviceKey);
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
