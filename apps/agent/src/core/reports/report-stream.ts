import type { Ack } from '@towline/protocol';
import { coalescingKey, type LossCount, livesOnFlash, type NumberedReport, type ReportBody } from './report.ts';

/** Reports that were sent and are not acknowledged, at most. */
const windowSize = 4;
/** Sequences that one write to flash reserves: at an idle device's pace, a write a month. */
export const reservationSize = 1_024;
const firstResendMs = 60_000;
const maxResendMs = 600_000;
/** How long an event that needs no flash waits for company, or for anything else to go: a change tells of four, and a state goes after it. */
const gatherMs = 5_000;
/** Events that go as one report, at most. */
const maxTogether = 8;
/** A report that the control plane turns down this often is given up, and said so. */
const refusalBudget = 5;

/** Bounds of what may wait: beyond, the oldest goes and is counted. */
const maxNumbered = 128;
const maxUnnumbered = 192;

export interface Flight {
  readonly sequence: number;
  readonly sentAtMs: number;
  readonly sends: number;
}

/** What of the stream is on flash. */
export interface StreamRecord {
  readonly epoch: string;
  /** No sequence up to this one may be given out by a later process. */
  readonly reservedThrough: number;
  readonly kept: readonly NumberedReport[];
  readonly lost: LossCount;
}

/** The bounded store of reports of one device. Numbered: ascending, sent or due next. Unnumbered: in RAM, gets its sequence when sent. */
export interface ReportStream extends StreamRecord {
  /** Highest sequence given out. */
  readonly sequence: number;
  readonly numbered: readonly NumberedReport[];
  readonly unnumbered: readonly ReportBody[];
  /** Until then events alone are not sent. */
  readonly gatherUntilMs: number;
  readonly flights: readonly Flight[];
  readonly refusals: Readonly<Record<number, number>>;
  readonly connected: boolean;
}

export type StreamEvent =
  | { readonly kind: 'offered'; readonly report: ReportBody }
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'acknowledged'; readonly ack: Ack }
  /** Time passed, or anything may be due. */
  | { readonly kind: 'tick' }
  /** Flash could not be written: the stream goes on under a name that no later process will use. */
  | { readonly kind: 'renamed'; readonly epoch: string };

/** Effects are carried out in order: what is to be saved is on flash before what follows it is sent. */
export type StreamEffect =
  | { readonly kind: 'save'; readonly record: StreamRecord }
  | { readonly kind: 'send'; readonly sequence: number; readonly base: number; readonly report: ReportBody }
  /** Turn the event that tells of losses into a report: its time is the runtime's to give. */
  | { readonly kind: 'tell-losses'; readonly lost: LossCount };

export interface Moment {
  readonly nowMs: number;
}

type Turn = readonly [ReportStream, readonly StreamEffect[]];

/** A stream as a process finds it on flash. Whatever the last process numbered beyond its kept reports stays unused. */
export function openStream(record: StreamRecord): ReportStream {
  const sequence = record.reservedThrough;
  return { ...record, sequence, numbered: record.kept, unnumbered: [], gatherUntilMs: 0, flights: [], refusals: {}, connected: false };
}

/** Lowest sequence that the device still holds, or the next to come: below it nothing is waited for. */
export function baseOf({ numbered, sequence }: ReportStream): number {
  return numbered[0]?.sequence ?? sequence + 1;
}

function recordOf({ epoch, reservedThrough, numbered, lost }: ReportStream): StreamRecord {
  return { epoch, reservedThrough, kept: numbered.filter(({ report }) => livesOnFlash(report)), lost };
}

const save = (stream: ReportStream): StreamEffect => ({ kind: 'save', record: recordOf(stream) });

/** Each event as the report that it was offered as. */
const counted = (lost: LossCount, { channel, body }: ReportBody): LossCount => ({
  ...lost,
  [channel]: (lost[channel] ?? 0) + (channel === 'event' ? body.events.length : 1),
});

function numberedWith(stream: ReportStream, report: ReportBody): ReportStream {
  const sequence = stream.sequence + 1;
  const reservedThrough = sequence > stream.reservedThrough ? stream.reservedThrough + reservationSize : stream.reservedThrough;
  return { ...stream, sequence, reservedThrough, numbered: [...stream.numbered, { sequence, report }] };
}

/** Drops one numbered report for want of room: the oldest that is not on its way, else the oldest. */
function withNumberedRoom(stream: ReportStream): ReportStream {
  if (stream.numbered.length <= maxNumbered) return stream;
  const flying = new Set(stream.flights.map(({ sequence }) => sequence));
  const victim = stream.numbered.find(({ sequence }) => !flying.has(sequence)) ?? stream.numbered[0];
  return victim ? withoutReport(stream, victim) : stream;
}

function withoutReport(stream: ReportStream, victim: NumberedReport): ReportStream {
  const remains = ({ sequence }: { readonly sequence: number }) => sequence !== victim.sequence;
  const { [victim.sequence]: _refusals, ...refusals } = stream.refusals;
  return {
    ...stream,
    numbered: stream.numbered.filter(remains),
    flights: stream.flights.filter(remains),
    refusals,
    lost: counted(stream.lost, victim.report),
  };
}

/** One report of both, where both are of events and few enough. */
function together(waiting: ReportBody | undefined, report: ReportBody): ReportBody | null {
  if (waiting?.channel !== 'event' || report.channel !== 'event') return null;
  const events = [...waiting.body.events, ...report.body.events];
  return events.length <= maxTogether ? { channel: 'event', body: { events } } : null;
}

function withUnnumbered(waiting: readonly ReportBody[], report: ReportBody): readonly ReportBody[] {
  const both = together(waiting.at(-1), report);
  if (both) return [...waiting.slice(0, -1), both];
  const key = coalescingKey(report);
  return [...(key === null ? waiting : waiting.filter((one) => coalescingKey(one) !== key)), report];
}

function offered(stream: ReportStream, report: ReportBody, { nowMs }: Moment): Turn {
  if (livesOnFlash(report)) {
    const next = withNumberedRoom(numberedWith(stream, report));
    return [next, [save(next)]];
  }
  const unnumbered = withUnnumbered(stream.unnumbered, report);
  const gatherUntilMs = stream.unnumbered.length === 0 ? nowMs + gatherMs : stream.gatherUntilMs;
  if (unnumbered.length <= maxUnnumbered) return [{ ...stream, unnumbered, gatherUntilMs }, []];
  // A state is worth more than the oldest samples, and there is never more than one.
  const victim = unnumbered.find(({ channel }) => channel !== 'state') ?? report;
  return [{ ...stream, unnumbered: unnumbered.filter((waiting) => waiting !== victim), lost: counted(stream.lost, victim) }, []];
}

function acknowledged(stream: ReportStream, ack: Ack): Turn {
  if (ack.epoch !== stream.epoch) return [stream, []];
  const through = Math.min(ack.through, stream.sequence);
  const open = ({ sequence }: { readonly sequence: number }) => sequence > through;
  const settled: ReportStream = { ...stream, numbered: stream.numbered.filter(open), flights: stream.flights.filter(open) };
  const refused = (ack.faults ?? []).reduce((next, { sequence }) => (sequence === null ? next : refusedOnce(next, sequence)), settled);
  return [refused, []];
}

function refusedOnce(stream: ReportStream, sequence: number): ReportStream {
  const report = stream.numbered.find((one) => one.sequence === sequence);
  if (!report) return stream;
  const refusals = (stream.refusals[sequence] ?? 0) + 1;
  return refusals >= refusalBudget ? withoutReport(stream, report) : { ...stream, refusals: { ...stream.refusals, [sequence]: refusals } };
}

function renamed(stream: ReportStream, epoch: string): Turn {
  // Never reserved again: this epoch lives in RAM only. What was sent under the old one may arrive twice, which beats never.
  const numbered = stream.numbered.map(({ report }, index) => ({ sequence: index + 1, report }));
  const blank = { flights: [], refusals: {}, reservedThrough: Number.MAX_SAFE_INTEGER };
  return [{ ...stream, ...blank, epoch, numbered, sequence: numbered.length }, []];
}

function onEvent(stream: ReportStream, event: StreamEvent, moment: Moment): Turn {
  switch (event.kind) {
    case 'offered':
      return offered(stream, event.report, moment);
    case 'connected':
      return [{ ...stream, connected: true, flights: [] }, []];
    case 'disconnected':
      return [{ ...stream, connected: false, flights: [] }, []];
    case 'acknowledged':
      return acknowledged(stream, event.ack);
    case 'renamed':
      return renamed(stream, event.epoch);
    case 'tick':
      return [stream, []];
  }
}

const resendAfterMs = ({ sends }: Flight) => Math.min(maxResendMs, firstResendMs * 2 ** (sends - 1));

/** Sends again what was not acknowledged in time. */
function resent(stream: ReportStream, { nowMs }: Moment): Turn {
  const overdue = stream.flights.filter((flight) => nowMs - flight.sentAtMs >= resendAfterMs(flight));
  if (overdue.length === 0) return [stream, []];
  const flights = stream.flights.map((flight) =>
    overdue.includes(flight) ? { ...flight, sentAtMs: nowMs, sends: flight.sends + 1 } : flight,
  );
  const base = baseOf(stream);
  const sends = stream.numbered
    .filter(({ sequence }) => overdue.some((flight) => flight.sequence === sequence))
    .map(({ sequence, report }) => ({ kind: 'send', sequence, base, report }) as const);
  return [{ ...stream, flights }, sends];
}

/** Events alone, and more may come. */
const gathers = ({ unnumbered, gatherUntilMs }: ReportStream, nowMs: number): boolean =>
  nowMs < gatherUntilMs && unnumbered.every(({ channel }) => channel === 'event');

/** Fills the window: first what has a sequence, in its order, then what waits for one. */
function launched(stream: ReportStream, { nowMs }: Moment): Turn {
  let next = stream;
  let reserve = false;
  const isGathering = gathers(stream, nowMs);
  const launches: NumberedReport[] = [];
  while (next.flights.length < windowSize) {
    const last = next.flights.at(-1)?.sequence ?? 0;
    let due = next.numbered.find(({ sequence }) => sequence > last);
    const [first, ...unnumbered] = next.unnumbered;
    if (!due && first && !isGathering) {
      const before = next.reservedThrough;
      next = numberedWith({ ...next, unnumbered }, first);
      reserve ||= next.reservedThrough !== before;
      due = next.numbered.at(-1);
    }
    if (!due) break;
    launches.push(due);
    next = { ...next, flights: [...next.flights, { sequence: due.sequence, sentAtMs: nowMs, sends: 1 }] };
  }
  const base = baseOf(next);
  const sends = launches.map(({ sequence, report }) => ({ kind: 'send', sequence, base, report }) as const);
  return [next, reserve ? [save(next), ...sends] : sends];
}

/** Losses are told once there is somebody to tell. */
function tellingLosses(stream: ReportStream): Turn {
  if (Object.keys(stream.lost).length === 0) return [stream, []];
  return [{ ...stream, lost: {} }, [{ kind: 'tell-losses', lost: stream.lost }]];
}

/** One step of the machine. After anything that changed kept reports, flash is only written for what was added: an acknowledged
 * report that a crash brings back is sent once more under its old number and changes nothing. */
export function stepStream(stream: ReportStream, event: StreamEvent, moment: Moment): Turn {
  const [after, effects] = onEvent(stream, event, moment);
  if (!after.connected) return [after, effects];
  const [told, losses] = tellingLosses(after);
  const [again, resends] = resent(told, moment);
  const [full, sends] = launched(again, moment);
  return [full, [...effects, ...losses, ...resends, ...sends]];
}

/** When the machine wants its next tick, monotonic milliseconds; null while nothing is on its way. */
export function nextTickMs({ flights, connected, unnumbered, gatherUntilMs }: ReportStream): number | null {
  const isGathering = unnumbered.length > 0 && flights.length < windowSize;
  const dueMs = [...flights.map((flight) => flight.sentAtMs + resendAfterMs(flight)), ...(isGathering ? [gatherUntilMs] : [])];
  return connected && dueMs.length > 0 ? Math.min(...dueMs) : null;
}
