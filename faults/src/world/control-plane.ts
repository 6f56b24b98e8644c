import { createHash } from 'node:crypto';
import type { EnrolmentAnswer } from '@towline/agent';
import type { Clock } from '@towline/kit';
import {
  type Announce,
  canonicalJson,
  channels,
  downTopic,
  isReportChannel,
  parseUpTopic,
  type StateReport,
  type TargetDocument,
  type TargetVersion,
} from '@towline/protocol';
import * as z from 'zod';
import type { Host, Visitor } from './broker.ts';

const address = { tenant: 'acme', device: '0123456789' };

interface Target {
  readonly version: TargetVersion;
  readonly digest: string;
  readonly document: TargetDocument;
}

/** What happens to one message on its way through the broker. */
export type Mishap = 'none' | 'drop' | 'double' | 'late';
export type Passage = 'announce' | 'confirm' | 'other';

const envelopeSchema = z.object({ epoch: z.string(), sequence: z.number(), base: z.number() });
const lateMs = 20_000;

/** What the control plane holds of its one device; outlives everything that happens to it. */
export interface DeviceRecord {
  target: Target | null;
  /** The version that it said yes to last. */
  confirmed: TargetVersion | null;
  /** The newest state that it committed. */
  state: StateReport | null;
  readonly events: string[];
  /** Committed through, by stream; that which the device greeted with last is the last. */
  readonly through: Map<string, number>;
}

export function freshRecord(): DeviceRecord {
  return { target: null, confirmed: null, state: null, events: [], through: new Map() };
}

const isSameTarget = ({ version, digest }: Pick<Announce, 'version' | 'digest'>, target: Target | null) =>
  target !== null && version.epoch === target.version.epoch && version.number === target.version.number && digest === target.digest;

/**
 * The control plane as a device meets it: an announce of the current target is confirmed to the session that made it, a hello is answered with
 * what the device lacks, a report is acknowledged once it is in the record. Its database outlives it; its sessions do not.
 */
export class ControlPlane implements Host {
  readonly record: DeviceRecord;
  /** Lets messages go astray. */
  mishap: (passage: Passage) => Mishap = () => 'none';
  private readonly clock: Clock;
  private readonly note: (text: string) => void;
  private readonly visitors = new Set<Visitor>();
  private readonly sequences = new Map<string, Set<number>>();
  private isRunning = true;

  constructor(clock: Clock, record: DeviceRecord, note: (text: string) => void) {
    this.clock = clock;
    this.record = record;
    this.note = note;
  }

  readonly enrolment = {
    enrol: async (): Promise<EnrolmentAnswer> =>
      this.isRunning ? { ok: true, ...address, mqttUrl: 'mqtt://fleet.test' } : { ok: false, reason: 'unreachable', code: 'ECONNREFUSED' },
  };

  isUp(): boolean {
    return this.isRunning;
  }

  /** Stops or starts it; sessions end with it. */
  run(isRunning: boolean): void {
    this.isRunning = isRunning;
    if (!isRunning) this.cutAll();
  }

  cutAll(): void {
    for (const visitor of this.visitors) visitor.cut();
  }

  assign(document: TargetDocument): void {
    const number = (this.record.target?.version.number ?? 0) + 1;
    const digest = createHash('sha256').update(canonicalJson(document)).digest('hex');
    this.record.target = { version: { epoch: 1, number }, digest, document };
    for (const visitor of this.visitors) if (!visitor.clientId.includes('~')) this.push(visitor, 'target', this.record.target);
  }

  /** One session a name: a second one takes the first one's place. */
  welcome(visitor: Visitor): void {
    for (const other of this.visitors) if (other.clientId === visitor.clientId) other.cut();
    this.visitors.add(visitor);
  }

  left(visitor: Visitor): void {
    this.visitors.delete(visitor);
  }

  receive(visitor: Visitor, topic: string, payload: string): void {
    const channel = parseUpTopic(topic)?.channel;
    this.pass(channel === 'announce' ? 'announce' : 'other', () => {
      if (!this.isRunning) return;
      this.note(`heard ${channel}`);
      const message: unknown = JSON.parse(payload);
      if (channel === 'hello') this.greet(visitor, message);
      else if (channel === 'announce') this.judge(visitor, channels.up.announce.schema.parse(message));
      else if (channel && isReportChannel(channel)) this.commit(visitor, channel, message);
    });
  }

  private greet(visitor: Visitor, message: unknown): void {
    const { stream, nonce, held } = channels.up.hello.schema.parse(message);
    const through = this.record.through.get(stream.epoch) ?? 0;
    this.record.through.delete(stream.epoch);
    this.record.through.set(stream.epoch, through);
    this.push(visitor, 'ack', { epoch: stream.epoch, through, nonce, confirms: true });
    const { target } = this.record;
    if (target && target.version.number > (held.target?.number ?? 0)) this.push(visitor, 'target', target);
  }

  private judge(visitor: Visitor, announce: Announce): void {
    if (!isSameTarget(announce, this.record.target)) return;
    const { transaction, nonce, digest, version } = announce;
    this.record.confirmed = version;
    this.push(visitor, 'confirm', { transaction, nonce, digest });
  }

  private commit(visitor: Visitor, channel: 'state' | 'telemetry' | 'event' | 'job', message: unknown): void {
    const { epoch, sequence, base } = envelopeSchema.parse(message);
    const known = this.sequences.get(epoch) ?? new Set();
    this.sequences.set(epoch, known);
    const before = this.record.through.get(epoch) ?? 0;
    this.record.through.set(epoch, before);
    const isNew = !known.has(sequence) && sequence > before;
    if (isNew) this.keep(channel, message);
    known.add(sequence);
    let through = Math.max(before, base - 1);
    while (known.has(through + 1)) through += 1;
    this.record.through.set(epoch, through);
    this.push(visitor, 'ack', { epoch, through });
  }

  private keep(channel: 'state' | 'telemetry' | 'event' | 'job', message: unknown): void {
    if (channel === 'state') this.keepState(channels.up.state.schema.parse(message));
    if (channel !== 'event') return;
    for (const { code, evidence } of channels.up.event.schema.parse(message).events) this.record.events.push([code, ...evidence].join(' '));
  }

  /** One that was overtaken on its way says nothing any more. */
  private keepState(state: StateReport): void {
    const { state: known, through } = this.record;
    const streams = [...through.keys()];
    const isSameStream = known?.epoch === state.epoch;
    const isNewer =
      !known || (isSameStream ? state.sequence > known.sequence : streams.indexOf(state.epoch) > streams.indexOf(known.epoch));
    if (isNewer) this.record.state = state;
  }

  private push(visitor: Visitor, channel: 'target' | 'ack' | 'confirm', message: object): void {
    this.pass(channel === 'confirm' ? 'confirm' : 'other', () => {
      this.note(`said ${channel}`);
      visitor.send(downTopic(address, channel), JSON.stringify(message));
    });
  }

  private pass(passage: Passage, deliver: () => void): void {
    const mishap = this.mishap(passage);
    if (mishap === 'drop') return this.note(`lost ${passage}`);
    if (mishap === 'late') return void this.clock.schedule(lateMs, deliver);
    deliver();
    if (mishap === 'double') deliver();
  }
}
