import { sleep } from '@towline/kit';
import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { parseCgpaddr } from '../at/replies/bearer-replies.ts';
import type { DataMode } from '../driver.ts';
import type { FailureCode, ModemFailure, Reading } from '../failure.ts';
import { refusalOfCeer } from '../failures/failure-of.ts';
import type { Model } from '../models/model.schema.ts';
import { type CallRequest, type Dialler, diallers, type NetworkDialDialect } from './diallers.ts';
import { setReplyFormat, subscribeToRegistration } from './initialise.ts';
import { done, failed, isRefusal, type ModemLink } from './modem-link.ts';
import type { PppCall } from './ppp-call.ts';

/** What is dialled by AT: the context holds the rest, since it was written before. */
export interface AtDialRequest extends CallRequest {
  readonly mode: DataMode;
}

const addressPollMs = 1000;

/** Failures that leave the reason open, so that `AT+CEER` may name it. */
const unexplained: ReadonlySet<FailureCode> = new Set(['at.rejected', 'bearer.no-carrier', 'bearer.no-address', 'network.failure']);

/** How this model is dialled in a data mode by AT; null when QMI or MBIM does it, or the model has no such mode. */
export function dialDialectOf(model: Model, mode: DataMode): 'ppp-atd' | NetworkDialDialect | null {
  const dialects = model.dataModes.modes.find((entry) => entry.mode === mode)?.dial ?? [];
  return dialects.find((dialect) => dialect !== 'qmi' && dialect !== 'mbim') ?? null;
}

/** Whether the call of a data mode is up; null when only the context can tell. */
export async function readCallState(link: ModemLink, contextId: number, dialler: Dialler): Promise<Reading<boolean | null>> {
  if (dialler.state === null) return { ok: true, value: null };
  const reading = await link.read(dialler.state(contextId));
  return reading.ok || !isRefusal(reading.failure) ? reading : { ok: true, value: null };
}

/** A dial command may answer OK before the network does: the call stands once the context has an address. */
async function awaitAddress(link: ModemLink, contextId: number): Promise<Reading<void>> {
  const end = link.clock.monotonicMs() + link.model.bounds.address * 1000;
  const question = atSet('+CGPADDR', { kind: 'number', value: contextId, min: 1, max: 16 });
  for (;;) {
    const reply = await link.ask(question);
    // A firmware without CGPADDR hides the address; then the command's own OK has to do.
    if (!reply.ok) return isRefusal(reply.failure) ? done : reply;
    if (parseCgpaddr(reply.value, contextId).length > 0) return done;
    if (link.clock.monotonicMs() >= end) return failed({ code: 'bearer.no-address', evidence: reply.value.slice(0, 4) });
    await sleep(link.clock, addressPollMs);
  }
}

/** Adds what `AT+CEER` knows of a failure that leaves the reason open. ModemManager asks the same after a failed ATD. */
export async function explained(link: ModemLink, failure: ModemFailure): Promise<ModemFailure> {
  if (!unexplained.has(failure.code)) return failure;
  const report = await link.ask(atCommand('AT+CEER'));
  if (!report.ok) return failure;
  const refusal = refusalOfCeer(report.value);
  return { ...failure, ...refusal, evidence: [...failure.evidence, ...report.value.slice(0, 4)] };
}

/** EC200U answers CME 32 to a dial until its settings are back at the factory's (forums.quectel.com 36370). */
async function startCall(link: ModemLink, command: AtCommand): Promise<Reading<readonly string[]>> {
  const reply = await link.ask(command, link.model.bounds.dial);
  const healable = link.model.quirks.includes('cme32-needs-factory-defaults');
  if (reply.ok || !healable || reply.failure.code !== 'network.no-service') return reply;
  const defaults = await link.ask(atCommand('AT&F'));
  if (!defaults.ok) return reply;
  // The factory's settings have an echo, plain errors and no registration lines.
  const format = await setReplyFormat(link);
  if (!format.ok) return reply;
  await subscribeToRegistration(link);
  return link.ask(command, link.model.bounds.dial);
}

async function dialNetwork(link: ModemLink, call: CallRequest, dialler: Dialler): Promise<Reading<void>> {
  const command = dialler.start(call);
  if (!command.ok) return command;
  const state = await readCallState(link, call.contextId, dialler);
  if (!state.ok) return state;
  if (state.value !== true) {
    const started = await startCall(link, command.value);
    if (!started.ok) return started;
  }
  return awaitAddress(link, call.contextId);
}

function notByAt(mode: DataMode): Reading<void> {
  return failed({ code: 'at.rejected', evidence: [`this model is not dialled by AT in the data mode ${mode}`] });
}

/** Starts the data connection, and says why not as exactly as the modem and the network tell. */
export async function dial(link: ModemLink, ppp: PppCall, request: AtDialRequest): Promise<Reading<void>> {
  const dialect = dialDialectOf(link.model, request.mode);
  if (dialect === null) return notByAt(request.mode);
  const dialled = await (dialect === 'ppp-atd' ? ppp.dial(request.contextId) : dialNetwork(link, request, diallers[dialect]));
  if (!dialled.ok) return failed(await explained(link, dialled.failure));
  link.log.info('modem.dialled', { contextId: request.contextId, mode: request.mode, dialect });
  return dialled;
}

/** Ends the data connection; one that is not there counts as ended. */
export async function hangUp(link: ModemLink, ppp: PppCall, request: AtDialRequest): Promise<Reading<void>> {
  const dialect = dialDialectOf(link.model, request.mode);
  if (dialect === null) return notByAt(request.mode);
  if (dialect === 'ppp-atd') return ppp.hangUp();
  const dialler = diallers[dialect];
  const reply = await link.ask(dialler.stop(request), link.model.bounds.hangUp);
  if (reply.ok) return done;
  if (!isRefusal(reply.failure)) return reply;
  const idle = await isIdle(link, request.contextId, dialler);
  return idle ? done : reply;
}

/** EC200A answers ERROR to stopping what does not run, and it is not the only one. */
async function isIdle(link: ModemLink, contextId: number, dialler: Dialler): Promise<boolean> {
  const state = await readCallState(link, contextId, dialler);
  if (!state.ok) return false;
  if (state.value !== null) return !state.value;
  return link.model.quirks.includes('qnetdevctl-idle-stop-errors');
}
