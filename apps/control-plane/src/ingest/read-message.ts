import {
  type Announce,
  type DeviceAddress,
  type EventReport,
  type Held,
  type Hello,
  isReportChannel,
  type JobReport,
  maxPayloadBytes,
  type Presence,
  type ReportEnvelope,
  reportEnvelopeSchema,
  type StateReport,
  type TelemetryReport,
  type UpChannel,
} from '@towline/protocol';
import type { UpMessage } from '../broker/broker.ts';
import { upSchemas } from './up-schemas.ts';

interface Arrival {
  readonly address: DeviceAddress;
  /** Unix milliseconds. */
  readonly receivedAt: number;
}

export type ReportMessage = Arrival &
  (
    | { readonly kind: 'state'; readonly report: StateReport }
    | { readonly kind: 'telemetry'; readonly report: TelemetryReport }
    | { readonly kind: 'event'; readonly report: EventReport }
    | { readonly kind: 'job'; readonly report: JobReport }
  );

/** A payload that no handler can take. */
export interface BadMessage extends Arrival {
  readonly kind: 'bad';
  readonly channel: UpChannel;
  readonly payload: Uint8Array;
  readonly code: BadMessageCode;
  /** For a person: where it is wrong. At most 200 characters, without what the device sent. */
  readonly reason: string;
  /** Whether it is kept for people: one device may not fill the disk. */
  readonly keep: boolean;
  /** Where it parses, its sequence is acknowledged, so that the device need not send it for ever. */
  readonly envelope: ReportEnvelope | null;
}

export type BadMessageCode = 'payload.not-json' | 'payload.invalid' | 'payload.too-large' | 'payload.refused-by-database';

export type ReadMessage =
  | ReportMessage
  | BadMessage
  | (Arrival & { readonly kind: 'hello'; readonly hello: Hello })
  | (Arrival & { readonly kind: 'presence'; readonly presence: Presence })
  | (Arrival & { readonly kind: 'held'; readonly held: Held })
  | (Arrival & { readonly kind: 'announce'; readonly announce: Announce });

export type HelloMessage = Extract<ReadMessage, { kind: 'hello' }>;
export type HeldMessage = Extract<ReadMessage, { kind: 'held' }>;
export type AnnounceMessage = Extract<ReadMessage, { kind: 'announce' }>;
export const isHello = (message: ReadMessage): message is HelloMessage => message.kind === 'hello';
export const isHeld = (message: ReadMessage): message is HeldMessage => message.kind === 'held';
export const isAnnounce = (message: ReadMessage): message is AnnounceMessage => message.kind === 'announce';

const decoder = new TextDecoder('utf-8', { fatal: true });

function parseJson(payload: Uint8Array): { json: unknown } | null {
  try {
    const json: unknown = JSON.parse(decoder.decode(payload));
    return { json };
  } catch {
    return null;
  }
}

function envelopeOf(channel: UpChannel, json: unknown): ReportEnvelope | null {
  return isReportChannel(channel) ? (reportEnvelopeSchema.safeParse(json).data ?? null) : null;
}

function reasonOf(issues: Misread['issues']): string {
  return issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`)
    .join('; ')
    .slice(0, 200);
}

/** Parses a message once, with the schema of its channel. What is wrong with it is known here, before any database. */
export function readMessage(message: UpMessage, receivedAt: number): ReadMessage {
  const { tenant, device, channel, payload } = message;
  const arrival = { address: { tenant, device }, receivedAt };
  const bad = { ...arrival, kind: 'bad' as const, channel, payload, envelope: null, keep: true };
  if (payload.length > maxPayloadBytes) {
    return { ...bad, code: 'payload.too-large', reason: `more than ${maxPayloadBytes} octets`, payload: payload.subarray(0, 1024) };
  }
  const parsed = parseJson(payload);
  if (!parsed) return { ...bad, code: 'payload.not-json', reason: 'not JSON in UTF-8' };
  const read = readChannel(channel, parsed.json, arrival);
  if (!('issues' in read)) return read;
  return { ...bad, code: 'payload.invalid', reason: reasonOf(read.issues), envelope: envelopeOf(channel, parsed.json) };
}

interface Misread {
  readonly issues: readonly { path: readonly PropertyKey[]; message: string }[];
}

function readChannel(channel: UpChannel, json: unknown, arrival: Arrival): Exclude<ReadMessage, BadMessage> | Misread {
  switch (channel) {
    case 'telemetry': {
      const { data, error } = upSchemas.telemetry.safeParse(json);
      return data ? { ...arrival, kind: 'telemetry', report: data } : { issues: error?.issues ?? [] };
    }
    case 'state': {
      const { data, error } = upSchemas.state.safeParse(json);
      return data ? { ...arrival, kind: 'state', report: data } : { issues: error?.issues ?? [] };
    }
    case 'event': {
      const { data, error } = upSchemas.event.safeParse(json);
      return data ? { ...arrival, kind: 'event', report: data } : { issues: error?.issues ?? [] };
    }
    case 'job': {
      const { data, error } = upSchemas.job.safeParse(json);
      return data ? { ...arrival, kind: 'job', report: data } : { issues: error?.issues ?? [] };
    }
    case 'hello': {
      const { data, error } = upSchemas.hello.safeParse(json);
      return data ? { ...arrival, kind: 'hello', hello: data } : { issues: error?.issues ?? [] };
    }
    case 'held': {
      const { data, error } = upSchemas.held.safeParse(json);
      return data ? { ...arrival, kind: 'held', held: data } : { issues: error?.issues ?? [] };
    }
    case 'announce': {
      const { data, error } = upSchemas.announce.safeParse(json);
      return data ? { ...arrival, kind: 'announce', announce: data } : { issues: error?.issues ?? [] };
    }
    case 'presence': {
      const { data, error } = upSchemas.presence.safeParse(json);
      return data ? { ...arrival, kind: 'presence', presence: data } : { issues: error?.issues ?? [] };
    }
  }
}
