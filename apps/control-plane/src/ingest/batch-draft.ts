import type { Ack, DeviceAddress, ReportEnvelope } from '@towline/protocol';
import { decideStream, type StreamProgress } from './decide-stream.ts';
import { placeInTime } from './place-in-time.ts';
import type { BadMessage, ReadMessage, ReportMessage } from './read-message.ts';
import { appendTelemetry, currentSignal, emptyTelemetryRows, type TelemetryRows } from './telemetry-rows.ts';

export interface Addressed {
  readonly address: DeviceAddress;
}

export interface WantedStream extends Addressed {
  readonly epoch: string;
}

/** One report stream as the database knows it: locked, or remembered. */
export interface StreamRow extends StreamProgress, WantedStream {
  /** Unix milliseconds; the later of two streams of a device speaks for it. */
  readonly createdAt: number;
}

export interface EventRow {
  readonly address: DeviceAddress;
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly modem: string | null;
  readonly evidence: readonly string[];
  readonly at: number;
  readonly deviceTime: number | null;
  readonly clock: string;
  readonly receivedAt: number;
}

export type FreshState = Extract<ReportMessage, { kind: 'state' }> & { readonly streamCreatedAt: number };
export type FreshJob = Extract<ReportMessage, { kind: 'job' }>;

/** What was heard of a device besides what its reports say. */
export interface Heard {
  readonly address: DeviceAddress;
  readonly receivedAt: number;
  readonly signalDbm: number | null;
}

type AckFault = NonNullable<Ack['faults']>[number];

export interface PendingAck {
  readonly address: DeviceAddress;
  readonly epoch: string;
  readonly faults: AckFault[];
}

/** Everything one transaction writes and what is to be answered after its commit. */
export interface BatchDraft {
  /** Every stream the batch touched, as it stands afterwards. */
  readonly streams: Map<string, StreamRow>;
  readonly telemetry: TelemetryRows;
  readonly events: EventRow[];
  /** At most one a device: the newest. */
  readonly states: Map<string, FreshState>;
  readonly jobs: FreshJob[];
  readonly quarantine: BadMessage[];
  readonly acks: Map<string, PendingAck>;
  readonly heard: Map<string, Heard>;
  counts: { committed: number; duplicates: number; unknown: number };
}

export const streamKey = ({ tenant, device }: DeviceAddress, epoch: string): string => `${tenant}/${device}/${epoch}`;
export const deviceKey = ({ tenant, device }: DeviceAddress): string => `${tenant}/${device}`;

/** Of an ack: more tell a device nothing new, and an ack must stay small. */
const maxFaults = 20;

function emptyDraft(streams: ReadonlyMap<string, StreamRow>): BatchDraft {
  return {
    streams: new Map(streams),
    telemetry: emptyTelemetryRows(),
    events: [],
    states: new Map(),
    jobs: [],
    quarantine: [],
    acks: new Map(),
    heard: new Map(),
    counts: { committed: 0, duplicates: 0, unknown: 0 },
  };
}

function pendingAck(draft: BatchDraft, key: string, stream: StreamRow): PendingAck {
  const known = draft.acks.get(key);
  if (known) return known;
  const ack: PendingAck = { address: stream.address, epoch: stream.epoch, faults: [] };
  draft.acks.set(key, ack);
  return ack;
}

/** Moves the report's stream. @returns its row and the ack that will answer it when the report is new, else null. */
function takeSequence(draft: BatchDraft, address: DeviceAddress, envelope: ReportEnvelope) {
  const key = streamKey(address, envelope.epoch);
  const stream = draft.streams.get(key);
  if (!stream) {
    draft.counts.unknown += 1;
    return null;
  }
  const { verdict, progress } = decideStream(stream, envelope);
  if (progress.through !== stream.through || progress.ahead !== stream.ahead) draft.streams.set(key, { ...stream, ...progress });
  const ack = pendingAck(draft, key, stream);
  if (verdict === 'fresh') return { stream, ack };
  draft.counts.duplicates += 1;
  return null;
}

function hear(draft: BatchDraft, heard: Heard): void {
  const key = deviceKey(heard.address);
  const known = draft.heard.get(key);
  draft.heard.set(key, { ...heard, signalDbm: heard.signalDbm ?? known?.signalDbm ?? null });
}

function draftBad(draft: BatchDraft, message: BadMessage): void {
  const taken = message.envelope ? takeSequence(draft, message.address, message.envelope) : null;
  if (message.envelope && !taken) return;
  draft.quarantine.push(message);
  if (!taken || taken.ack.faults.length >= maxFaults) return;
  taken.ack.faults.push({ sequence: message.envelope?.sequence ?? null, code: message.code, reason: message.reason });
}

function isNewer(state: FreshState, than: FreshState | undefined): boolean {
  if (!than) return true;
  if (state.report.epoch === than.report.epoch) return state.report.sequence > than.report.sequence;
  return state.streamCreatedAt > than.streamCreatedAt;
}

function draftEvents(draft: BatchDraft, message: Extract<ReportMessage, { kind: 'event' }>, retentionMs: number): void {
  const { address, report, receivedAt } = message;
  for (const { at: deviceAt, ...event } of report.events) {
    const placed = placeInTime({ deviceAt, sentAt: report.sentAt, receivedAt }, retentionMs);
    draft.events.push({ address, ...event, ...placed, deviceTime: deviceAt, receivedAt });
  }
}

function draftReport(draft: BatchDraft, message: ReportMessage, retentionMs: number): void {
  const taken = takeSequence(draft, message.address, message.report);
  const signalDbm = message.kind === 'telemetry' && taken ? currentSignal(message) : null;
  hear(draft, { address: message.address, receivedAt: message.receivedAt, signalDbm });
  if (!taken) return;
  draft.counts.committed += 1;
  if (message.kind === 'telemetry') appendTelemetry(draft.telemetry, message, retentionMs);
  if (message.kind === 'event') draftEvents(draft, message, retentionMs);
  if (message.kind === 'job') draft.jobs.push(message);
  if (message.kind === 'state') {
    const state: FreshState = { ...message, streamCreatedAt: taken.stream.createdAt };
    const key = deviceKey(message.address);
    if (isNewer(state, draft.states.get(key))) draft.states.set(key, state);
  }
}

/**
 * Sorts a batch into what is to be written and answered. Pure; the order of messages is the order of arrival.
 * @param streams the rows of every stream named in the batch; one that is missing belongs to no device
 */
export function draftBatch(messages: readonly ReadMessage[], streams: ReadonlyMap<string, StreamRow>, retentionMs: number): BatchDraft {
  const draft = emptyDraft(streams);
  for (const message of messages) {
    if (message.kind === 'bad') draftBad(draft, message);
    else if (message.kind === 'hello' || message.kind === 'presence') hear(draft, { ...message, signalDbm: null });
    else if ('report' in message) draftReport(draft, message, retentionMs);
    // An announce says nothing of the device's own session, which is what online and last seen are about; what is held is followed by a state.
  }
  return draft;
}

/** Streams that a batch reads or moves, each once. */
export function streamsOf(messages: readonly ReadMessage[]): WantedStream[] {
  const wanted = new Map<string, WantedStream>();
  for (const message of messages) {
    const epoch = epochOf(message);
    if (epoch !== null) wanted.set(streamKey(message.address, epoch), { address: message.address, epoch });
  }
  return [...wanted.values()];
}

function epochOf(message: ReadMessage): string | null {
  if (message.kind === 'bad') return message.envelope?.epoch ?? null;
  if (message.kind === 'hello') return message.hello.stream.epoch;
  return 'report' in message ? message.report.epoch : null;
}
