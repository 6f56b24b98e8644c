import { deviceKey, type EventRow } from './batch-draft.ts';
import type { SessionRow } from './device-latest.repository.ts';
import { recogniseFingerprint } from './fingerprint.ts';
import { decidePresence } from './presence.ts';
import type { ReadMessage } from './read-message.ts';

export type SessionMessage = Extract<ReadMessage, { kind: 'hello' | 'presence' }>;

export interface SessionChanges {
  readonly sessions: SessionRow[];
  readonly events: EventRow[];
}

function cloneEvent({ address, receivedAt }: SessionMessage): EventRow {
  return {
    address,
    code: 'device.clone-suspected',
    severity: 'error',
    modem: null,
    evidence: ['two gateways take turns under this identity'],
    at: receivedAt,
    deviceTime: null,
    clock: 'right',
    receivedAt,
  };
}

function applyMessage(session: SessionRow, message: SessionMessage): { session: SessionRow; clone: boolean } {
  if (message.kind === 'presence') {
    return { session: { ...session, ...decidePresence(session, { kind: 'presence', ...message.presence }) }, clone: false };
  }
  const { connection, boot, agent, fingerprint } = message.hello;
  const { memory, clone } = recogniseFingerprint(session.fingerprint, fingerprint);
  const presence = decidePresence(session, { kind: 'hello', connection, boot });
  const cloneSuspected = session.cloneSuspected || clone;
  return { session: { ...session, ...presence, agentVersion: agent, fingerprint: memory, cloneSuspected }, clone };
}

/** Plays hellos and presence messages, in the order of their arrival, onto the devices they came from. */
export function foldSessions(rows: readonly SessionRow[], messages: readonly SessionMessage[]): SessionChanges {
  const sessions = new Map(rows.map((row) => [deviceKey(row.address), row]));
  const events: EventRow[] = [];
  for (const message of messages) {
    const key = deviceKey(message.address);
    const known = sessions.get(key);
    if (!known) continue;
    const { session, clone } = applyMessage(known, message);
    sessions.set(key, session);
    if (clone) events.push(cloneEvent(message));
  }
  return { sessions: [...sessions.values()], events };
}
