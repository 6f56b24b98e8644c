import type { Cancel, Clock, Log } from '@towline/kit';
import { faultCode } from '@towline/kit';
import type { Ack, DeviceEvent, ReportChannel } from '@towline/protocol';
import { type EventCode, eventSeverities } from '../core/event-codes.ts';
import { isLasting } from '../core/reactions.ts';
import type { LossCount, ReportBody } from '../core/reports/report.ts';
import {
  nextTickMs,
  openStream,
  type ReportStream,
  type StreamEffect,
  type StreamEvent,
  type StreamRecord,
  stepStream,
} from '../core/reports/report-stream.ts';
import { deviceTime } from './device-time.ts';
import type { Document } from './document.ts';
import type { Ids, LogEvent } from './ports.ts';
import type { StoredStream } from './stored-schemas.ts';

/** Hands one report to the broker. */
export type SendReport = (channel: ReportChannel, payload: string) => Promise<void>;

/** Where everything that the device reports goes through, to be kept until it is acknowledged. */
export interface Reporter {
  offer(report: ReportBody): void;
  /** Offers an event of its own. */
  tell(code: EventCode, evidence: readonly string[], modem?: string | null): void;
  /** Reads what the last process left behind and reserves sequences. Returns the number of this process start. */
  open(): Promise<number>;
  /** The control plane answered: reports may flow. */
  connect(send: SendReport): void;
  disconnect(): void;
  acknowledge(ack: Ack): void;
  position(): { readonly epoch: string; readonly sequence: number };
  /** Resolves once what was offered so far is on flash, as far as it belongs there. */
  settled(): Promise<void>;
  close(): void;
}

interface ReporterNeeds {
  readonly document: Document<StoredStream>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log<LogEvent>;
}

/** Events told before the stream is open: while documents load, a few at most. */
const maxEarly = 32;

const isNamedEvent = (code: EventCode): code is keyof typeof eventSeverities => Object.hasOwn(eventSeverities, code);

/** A trouble that the next try may mend is told, but not worth flash: a link may flap all day. */
function severityOf(code: EventCode): DeviceEvent['severity'] {
  if (isNamedEvent(code)) return eventSeverities[code];
  return isLasting(code) ? 'error' : 'info';
}

function lossLines(lost: LossCount): string[] {
  return Object.entries(lost).map(([channel, count]) => `${count} ${channel} reports were dropped`);
}

/** A stream as the last process left it, or a fresh one. One that lived in RAM only is given a new name. */
function takenUp(stored: StoredStream | null, ids: Ids): StreamRecord {
  if (stored && stored.reservedThrough < Number.MAX_SAFE_INTEGER) return stored;
  const kept = (stored?.kept ?? []).map(({ report }, index) => ({ sequence: index + 1, report }));
  return { epoch: ids.epoch(), reservedThrough: kept.length, kept, lost: stored?.lost ?? {} };
}

class StreamReporter implements Reporter {
  private readonly needs: ReporterNeeds;
  private stream: ReportStream = openStream({ epoch: '00000000', reservedThrough: 0, kept: [], lost: {} });
  private starts = 1;
  private isOpen = false;
  private readonly early: ReportBody[] = [];
  private effects: StreamEffect[] = [];
  private draining: Promise<void> | null = null;
  private send: SendReport | null = null;
  private cancelTick: Cancel = () => {};

  constructor(needs: ReporterNeeds) {
    this.needs = needs;
  }

  async open(): Promise<number> {
    const { document, clock, ids } = this.needs;
    const stored = await document.load();
    const record = takenUp(stored, ids);
    // Seconds since 1970 start the count, so that a device whose flash was wiped does not fall behind its own past.
    this.starts = (stored?.starts ?? Math.max(1, Math.floor(clock.wallMs() / 1_000))) + 1;
    this.stream = openStream(record);
    const saved = await document.save(this.toStored(record));
    this.isOpen = true;
    if (!saved) this.step({ kind: 'renamed', epoch: ids.epoch() });
    for (const report of this.early.splice(0)) this.offer(report);
    return this.starts;
  }

  offer(report: ReportBody): void {
    if (this.isOpen) this.step({ kind: 'offered', report });
    else if (this.early.length < maxEarly) this.early.push(report);
  }

  tell(code: EventCode, evidence: readonly string[], modem: string | null = null): void {
    const lines = evidence.slice(-16).map((line) => line.slice(0, 256));
    const event = { at: deviceTime(this.needs.clock), code, severity: severityOf(code), modem, evidence: lines };
    this.offer({ channel: 'event', body: { events: [event] } });
  }

  connect(send: SendReport): void {
    this.send = send;
    this.step({ kind: 'connected' });
  }

  disconnect(): void {
    this.send = null;
    this.step({ kind: 'disconnected' });
  }

  acknowledge(ack: Ack): void {
    for (const { code, sequence } of ack.faults ?? []) this.needs.log.warn('report.refused', { code, sequence });
    this.step({ kind: 'acknowledged', ack });
  }

  position(): { readonly epoch: string; readonly sequence: number } {
    return { epoch: this.stream.epoch, sequence: this.stream.sequence };
  }

  async settled(): Promise<void> {
    await this.draining;
  }

  close(): void {
    this.cancelTick();
    this.send = null;
  }

  private toStored({ epoch, reservedThrough, kept, lost }: StreamRecord): StoredStream {
    const flashed = kept.flatMap(({ sequence, report }) =>
      report.channel === 'event' || report.channel === 'job' ? [{ sequence, report }] : [],
    );
    return { starts: this.starts, epoch, reservedThrough, kept: flashed, lost };
  }

  private step(event: StreamEvent): void {
    const [stream, effects] = stepStream(this.stream, event, { nowMs: this.needs.clock.monotonicMs() });
    this.stream = stream;
    this.effects.push(...effects);
    this.draining ??= this.drain();
    this.scheduleTick();
  }

  private scheduleTick(): void {
    this.cancelTick();
    const due = nextTickMs(this.stream);
    const { clock } = this.needs;
    this.cancelTick = due === null ? () => {} : clock.schedule(due - clock.monotonicMs(), () => this.step({ kind: 'tick' }));
  }

  private async drain(): Promise<void> {
    // A turn later, so that what is offered in one go is taken together.
    await Promise.resolve();
    try {
      for (let effect = this.effects.shift(); effect; effect = this.effects.shift()) await this.carryOut(effect);
    } finally {
      // In the turn that found nothing left: an effect that comes a turn later has to find that nobody drains, or it waits for the next.
      this.draining = null;
    }
  }

  private async carryOut(effect: StreamEffect): Promise<void> {
    if (effect.kind === 'tell-losses') return this.tell('reports.dropped', lossLines(effect.lost));
    if (effect.kind === 'save') return this.save(effect.record);
    const { send, needs, stream } = this;
    const { channel, body } = effect.report;
    const payload = JSON.stringify({
      epoch: stream.epoch,
      sequence: effect.sequence,
      base: effect.base,
      sentAt: deviceTime(needs.clock),
      ...body,
    });
    // A publish that fails is a session that ends: the stream sends again after the next hello. Waiting for it would block the window.
    send?.(channel, payload).catch((error: unknown) => needs.log.warn('link.closed', { code: faultCode(error) }));
  }

  private async save(record: StreamRecord): Promise<void> {
    const { document, ids } = this.needs;
    const saved = await document.save(this.toStored(record));
    if (saved || this.stream.reservedThrough === Number.MAX_SAFE_INTEGER) return;
    // Sequences that flash does not know as given out may be given out again by the next process: so the name changes.
    this.effects = [];
    this.step({ kind: 'renamed', epoch: ids.epoch() });
    this.tell('store.write-failed', ['reports are kept in memory only']);
  }
}

export function createReporter(needs: ReporterNeeds): Reporter {
  return new StreamReporter(needs);
}
