import { createExclusive } from '@towline/kit';
import * as z from 'zod/mini';
import type { BearerSettings, DialRequest, IpType } from '../driver.ts';
import type { ModemFailure, Reading } from '../failure.ts';
import type { Model } from '../models/model.schema.ts';
import { done, failed } from '../operations/modem-link.ts';
import type { HostFiles, ProcessRunner } from '../ports.ts';
import { type DataSession, noSettings, type SessionState } from '../sessions/data-session.ts';
import { createSessionMemory, type SessionMemory } from '../sessions/session-memory.ts';
import { agreeOnDataFormat } from './data-format.ts';
import { createQmiPort, type QmiPort, type QmiReply, readingOf } from './qmi-port.ts';
import { type IpFamily, passingClient, type QmiCallRequest } from './qmicli-command.ts';
import { type CurrentSettings, parseClientId, parseConnectionStatus, parseCurrentSettings, parseDataHandle } from './qmicli-replies.ts';

export interface QmiSessionParts {
  readonly processes: ProcessRunner;
  readonly files: HostFiles;
  readonly model: Model;
  /** `/dev/cdc-wdmN`. */
  readonly controlPath: string;
  readonly netInterface: string;
  /** Folder in RAM for what must be found again. */
  readonly directory: string;
}

/** A call and the client id that holds it: with the id gone, so is the call. One for each IP family. */
const callSchema = z.object({ family: z.union([z.literal(4), z.literal(6)]), cid: z.number(), handle: z.number() });
/** `leaked`: a tool that was killed may have left a client id, and a call, of which nothing is known. */
const heldSchema = z.object({ calls: z.array(callSchema), leaked: z._default(z.boolean(), false) });
type Call = z.infer<typeof callSchema>;
type Held = z.infer<typeof heldSchema>;

/** NoEffect, OutOfCall, InvalidHandle, InvalidClientId: what was to be ended is not there. */
const alreadyGone: ReadonlySet<number | null> = new Set([26, 15, 9, 7]);
const invalidClient = 7;
/** Failures that a fresh start of the control port heals: somebody's call or client ids are in the way. */
const healedBySync: ReadonlySet<ModemFailure['code']> = new Set(['control.in-use', 'control.clients-exhausted']);
/** Answers that are about one IP family only, so that the other one may stand. */
const aboutFamily: ReadonlySet<ModemFailure['code']> = new Set(['bearer.ip-type', 'bearer.no-carrier', 'network.failure']);

const families: Readonly<Record<IpType, readonly IpFamily[]>> = { ipv4: [4], ipv6: [6], ipv4v6: [4, 6] };

interface Session {
  readonly port: QmiPort;
  readonly memory: SessionMemory<Held>;
  readonly parts: QmiSessionParts;
}

/**
 * User name and password are the profile's, which is the context that `writeContext` wrote: as arguments of a process every
 * user of the host could read them.
 */
function callRequest({ apn, contextId: profile }: DialRequest, family: IpFamily): QmiCallRequest {
  return { family, profile, apn, auth: 'none', username: '', password: '' };
}

async function release(port: QmiPort, cid: number): Promise<void> {
  await port({ kind: 'release' }, { client: { ...passingClient, cid } });
}

/** Starts one call. Whatever comes of it, no client id is left behind that nobody knows. */
async function startCall({ port, memory, parts }: Session, request: QmiCallRequest): Promise<Reading<void>> {
  const client = { ...passingClient, keep: true };
  const reply = await port({ kind: 'start-network', call: request }, { client, seconds: parts.model.bounds.dial });
  const cid = parseClientId(reply.text);
  const handle = readingOf(reply, parseDataHandle);
  if (!handle.ok || cid === null) {
    if (cid !== null) await release(port, cid);
    else if (reply.failure?.code === 'control.timeout') await memory.keep({ calls: (await memory.recall())?.calls ?? [], leaked: true });
    return handle.ok ? failed({ code: 'control.unparsable', evidence: ['a call without a client id'] }) : handle;
  }
  const held = await memory.recall();
  const call = { family: request.family, cid, handle: handle.value };
  await memory.keep({ calls: [...(held?.calls ?? []), call], leaked: held?.leaked ?? false });
  return done;
}

async function stopCall({ port, parts }: Session, { cid, handle }: Call): Promise<ModemFailure | null> {
  const client = { ...passingClient, cid };
  const reply = await port({ kind: 'stop-network', handle }, { client, seconds: parts.model.bounds.hangUp });
  return alreadyGone.has(reply.error) ? null : reply.failure;
}

const nothingHeld: Held = { calls: [], leaked: false };

/** Ends the calls that are known, each by its handle. */
async function stopKnown(session: Session, { calls }: Held): Promise<Reading<void>> {
  let failure: ModemFailure | null = null;
  for (const call of calls) failure = (await stopCall(session, call)) ?? failure;
  if (failure !== null) return failed(failure);
  await session.memory.keep(nothingHeld);
  return done;
}

/** A port that refuses the sync is not opened at all; one that never answers says no error either. */
function wasOpened({ text, error }: QmiReply): boolean {
  return error !== null && !text.includes("couldn't open");
}

/**
 * Calls and client ids of a life before (an agent that was killed, another tool, a restart of the host) hold the interface and
 * use the ids up. A port that cannot sync (old firmware) still gets the stop.
 */
async function startAfresh({ port, memory, parts }: Session): Promise<Reading<void>> {
  const seconds = parts.model.bounds.hangUp;
  const synced = await port({ kind: 'stop-any-network' }, { client: { ...passingClient, sync: true }, seconds });
  const reply = synced.failure && !wasOpened(synced) ? await port({ kind: 'stop-any-network' }, { seconds }) : synced;
  // Refusing to stop what is not there is how this normally ends.
  if (reply.failure && (reply.error === null || !wasOpened(reply))) return failed(reply.failure);
  await memory.keep(nothingHeld);
  return done;
}

/** Ends every call. What does not end by its handle ends with every client id, and is remembered for as long as neither works. */
async function endCalls(session: Session, held: Held | null): Promise<Reading<void>> {
  if (held === null || held.leaked) return startAfresh(session);
  const stopped = await stopKnown(session, held);
  return stopped.ok || (await startAfresh(session)).ok ? done : stopped;
}

/** Both families, or the one that the network gives: IPV4V6 may rightly end as IPv4 (TS 24.301 cause 50). */
async function startAll(session: Session, request: DialRequest): Promise<Reading<void>> {
  let started = 0;
  let refused: ModemFailure | null = null;
  for (const family of families[request.ipType]) {
    const call = await startCall(session, callRequest(request, family));
    if (call.ok) started += 1;
    else refused = refused ?? call.failure;
    // A wrong APN is wrong for both, and the second answer would only be a later copy of the first.
    if (refused !== null && !aboutFamily.has(refused.code)) break;
  }
  return started > 0 || refused === null ? done : failed(refused);
}

async function dial(session: Session, request: DialRequest): Promise<Reading<void>> {
  const { parts, port, memory } = session;
  const cleared = await endCalls(session, await memory.recall());
  if (!cleared.ok) return cleared;
  const rawIpMandatory = parts.model.quirks.includes('raw-ip-mandatory');
  const agreed = await agreeOnDataFormat({ ...parts, port, rawIpMandatory });
  if (!agreed.ok) return agreed;
  const started = await startAll(session, request);
  if (started.ok || !healedBySync.has(started.failure.code)) return started;
  const afresh = await startAfresh(session);
  return afresh.ok ? startAll(session, request) : afresh;
}

/** Null: this call is down, or its client id is nobody's any more. */
async function readCall({ port }: Session, { cid }: Call): Promise<Reading<CurrentSettings | null>> {
  const client = { ...passingClient, cid, keep: true };
  const reply = await port({ kind: 'packet-service-status' }, { client });
  if (reply.error === invalidClient) return { ok: true, value: null };
  const status = readingOf(reply, parseConnectionStatus);
  if (!status.ok) return status;
  if (!status.value) return { ok: true, value: null };
  const settings = await port({ kind: 'current-settings' }, { client });
  // OutOfCall: it ended in between.
  if (alreadyGone.has(settings.error)) return { ok: true, value: null };
  return readingOf(settings, parseCurrentSettings);
}

function combined(netInterface: string, calls: readonly CurrentSettings[]): BearerSettings {
  const mtus = calls.flatMap(({ mtu }) => (mtu === null ? [] : [mtu]));
  return {
    addressing: 'static',
    interface: netInterface,
    addresses: calls.flatMap(({ addresses }) => addresses),
    dns: [...new Set(calls.flatMap(({ dns }) => dns))],
    mtu: mtus.length === 0 ? null : Math.min(...mtus),
  };
}

async function read(session: Session): Promise<Reading<SessionState>> {
  const { netInterface } = session.parts;
  const up: CurrentSettings[] = [];
  for (const call of (await session.memory.recall())?.calls ?? []) {
    const settings = await readCall(session, call);
    if (!settings.ok) return settings;
    if (settings.value !== null) up.push(settings.value);
  }
  if (up.length === 0) return { ok: true, value: { active: false, settings: noSettings(netInterface) } };
  return { ok: true, value: { active: true, settings: combined(netInterface, up) } };
}

/** A data session over a QMI control port. It lives in the modem: it survives the agent, which finds it again. */
export function createQmiSession(parts: QmiSessionParts): DataSession {
  const session: Session = {
    parts,
    port: createQmiPort(parts.processes, parts.controlPath),
    memory: createSessionMemory({ ...parts }, 'qmi', heldSchema),
  };
  const turns = createExclusive(8);
  return {
    dial: (request) => turns.run(() => dial(session, request)),
    hangUp: () =>
      turns.run(async () => {
        const held = await session.memory.recall();
        const isIdle = held === null || (held.calls.length === 0 && !held.leaked);
        return isIdle ? done : endCalls(session, held);
      }),
    read: () => turns.run(() => read(session)),
    close: async () => undefined,
  };
}
