import { createExclusive } from '@towline/kit';
import type { DialRequest } from '../driver.ts';
import type { FailureCode, ModemFailure, Reading } from '../failure.ts';
import type { Model } from '../models/model.schema.ts';
import { done, failed } from '../operations/modem-link.ts';
import type { HostFiles, ProcessRunner } from '../ports.ts';
import { type DataSession, noSettings, type SessionState } from '../sessions/data-session.ts';
import { createMbimPort, type MbimPort, type MbimReply } from './mbim-port.ts';
import { networkErrorOf } from './mbim-refusal.ts';
import type { MbimAction } from './mbimcli-command.ts';
import { parseActivated, parseAttached, parseIpConfiguration, parseRegistrationTrouble, parseSimTrouble } from './mbimcli-replies.ts';

export interface MbimSessionParts {
  readonly processes: ProcessRunner;
  readonly files: HostFiles;
  readonly model: Model;
  /** `/dev/cdc-wdmN`. */
  readonly controlPath: string;
  readonly netInterface: string;
  /** Folder in RAM for what must be found again. */
  readonly directory: string;
}

interface Session {
  readonly port: MbimPort;
  readonly parts: MbimSessionParts;
}

function lines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, 8);
}

async function check(port: MbimPort, action: MbimAction, troubleOf: (text: string) => FailureCode | null): Promise<Reading<void>> {
  const reply = await port.ask(action);
  if (reply.failure) return failed(reply.failure);
  const code = troubleOf(reply.text);
  return code === null ? done : failed({ code, evidence: lines(reply.text) });
}

async function attach({ port, parts }: Session): Promise<Reading<void>> {
  const state = await port.ask({ kind: 'packet-service' });
  if (state.failure) return failed(state.failure);
  if (parseAttached(state.text)) return done;
  const attached = await port.ask({ kind: 'attach' }, parts.model.bounds.dial);
  return attached.failure ? failed(attached.failure) : done;
}

/** Answers of the network rather than of the tool or the port. */
const toldByNetwork = /^(network|apn|bearer)\./;

/** The tool does not show the network's cause of a refused connect; the state of the connection may still hold it. */
async function withCause(port: MbimPort, failure: ModemFailure): Promise<ModemFailure> {
  if (failure.cause !== undefined || !toldByNetwork.test(failure.code)) return failure;
  const state = await port.ask({ kind: 'connection-state' });
  const refusal = networkErrorOf(state.text);
  return refusal === null ? failure : { ...failure, ...refusal, evidence: [...failure.evidence, ...lines(state.text)] };
}

/** A session of before is ended first: its settings are another call's. One that is not there is ended already. */
async function disconnect({ port, parts }: Session): Promise<MbimReply> {
  const reply = await port.ask({ kind: 'disconnect' }, parts.model.bounds.hangUp);
  return reply.failure?.code === 'bearer.no-carrier' ? { ...reply, failure: null } : reply;
}

async function dial(session: Session, request: DialRequest): Promise<Reading<void>> {
  const { port, parts } = session;
  if (await port.isOpen()) {
    const ended = await disconnect(session);
    if (ended.failure) return failed(ended.failure);
  }
  const sim = await check(port, { kind: 'subscriber-ready' }, parseSimTrouble);
  if (!sim.ok) return sim;
  const registered = await check(port, { kind: 'registration' }, parseRegistrationTrouble);
  if (!registered.ok) return registered;
  const attached = await attach(session);
  if (!attached.ok) return attached;
  const { failure } = await port.ask({ kind: 'connect', call: request }, parts.model.bounds.dial);
  return failure === null ? done : failed(await withCause(port, failure));
}

async function read({ port, parts }: Session): Promise<Reading<SessionState>> {
  const down: Reading<SessionState> = { ok: true, value: { active: false, settings: noSettings(parts.netInterface) } };
  // Asking a function that is not open would open it, and so end a session that somebody else may hold.
  if (!(await port.isOpen())) return down;
  const state = await port.ask({ kind: 'connection-state' });
  if (state.failure) return state.failure.code === 'bearer.no-carrier' ? down : failed(state.failure);
  const activated = parseActivated(state.text);
  if (activated === null) return failed({ code: 'control.unparsable', evidence: lines(state.text) });
  if (!activated) return down;
  const reply = await port.ask({ kind: 'ip-configuration' });
  if (reply.failure) return reply.failure.code === 'bearer.no-carrier' ? down : failed(reply.failure);
  const configuration = parseIpConfiguration(reply.text);
  return { ok: true, value: { active: true, settings: { addressing: 'static', interface: parts.netInterface, ...configuration } } };
}

/** Ends the session and closes the function, so that the next dial starts from a clean one. */
async function hangUp({ port, parts }: Session): Promise<Reading<void>> {
  if (!(await port.isOpen())) return done;
  const { failure } = await port.finish({ kind: 'disconnect' }, parts.model.bounds.hangUp);
  return failure === null || failure.code === 'bearer.no-carrier' ? done : failed(failure);
}

/** A data session over an MBIM control port. It lives in the modem: it survives the agent, which finds it again. */
export function createMbimSession(parts: MbimSessionParts): DataSession {
  const session: Session = { parts, port: createMbimPort(parts.processes, parts) };
  const turns = createExclusive(8);
  return {
    dial: (request) => turns.run(() => dial(session, request)),
    hangUp: () => turns.run(() => hangUp(session)),
    read: () => turns.run(() => read(session)),
    close: async () => undefined,
  };
}
