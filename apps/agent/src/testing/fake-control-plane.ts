import { createHash } from 'node:crypto';
import { Fault } from '@towline/kit';
import {
  canonicalJson,
  channels,
  downTopic,
  type Hello,
  isReportChannel,
  type JobDown,
  parseUpTopic,
  type TargetDocument,
  type UpChannel,
} from '@towline/protocol';
import type { BearerPath, EnrolmentRequest, Session, SessionRequest, Transport } from '../runtime/ports.ts';

const address = { tenant: 'acme', device: '0123456789' };
const reportBytesOverhead = 52;
/** A yes comes over the network: whoever announces has long gone on to wait for it. Fewer than a manual clock lets pass before it moves on. */
const roundTripTurns = 30;

interface Received {
  readonly channel: UpChannel;
  readonly message: unknown;
}

/** Broker and control plane of one device in one: keeps what came, acknowledges it, and can be cut off or struck dumb. */
export class FakeControlPlane {
  readonly received: Received[] = [];
  readonly committed = new Map<string, { readonly channel: UpChannel; readonly message: unknown }>();
  readonly hellos: Hello[] = [];
  readonly enrolments: EnrolmentRequest[] = [];
  readonly sessions: SessionRequest[] = [];
  /** IP bytes as a plain TCP session would need, both directions. */
  wireBytes = 0;
  acknowledges = true;
  /** Whether it says yes to changes. */
  confirms = true;
  /** Whether it says that it answers announces. */
  answersAnnounces = true;
  /** Whether it keeps its target to itself when a device says hello. */
  withholdsTarget = false;
  reachable = true;
  /** Which sessions come through while it is reachable. */
  admits: (request: SessionRequest) => boolean = () => true;
  /** Listeners that change sessions still have, and those of them that are not closed. */
  changeListeners = 0;
  changeSessions = 0;
  enrolmentAnswer: 'ok' | 'refused' | 'unreachable' = 'ok';
  /** How it can be reached by who enrols: `bearer` for a gateway without another uplink. */
  enrolsOver: 'any' | 'bearer' = 'any';
  private down: ((topic: string, payload: string) => void) | null = null;
  private heard: () => void = () => {};
  private closed: ((code: string) => void) | null = null;
  private target: { version: { epoch: number; number: number }; digest: string; document: TargetDocument } | null = null;
  private readonly through = new Map<string, number>();

  readonly transport: Transport = { connect: async (request) => this.connect(request) };

  readonly enrolment = {
    enrol: async (request: EnrolmentRequest, path?: BearerPath) => {
      if (!path && this.enrolsOver === 'bearer') return { ok: false, reason: 'unreachable', code: 'ENETUNREACH' } as const;
      this.enrolments.push(request);
      if (this.enrolmentAnswer === 'ok') return { ok: true, ...address, mqttUrl: 'mqtt://broker.test' } as const;
      return { ok: false, reason: this.enrolmentAnswer, code: 'enrolment.claim-unknown' } as const;
    },
  };

  /** Gives the device another target. */
  assign(document: TargetDocument, number: number): void {
    const digest = createHash('sha256').update(canonicalJson(document)).digest('hex');
    this.target = { version: { epoch: 1, number }, digest, document };
    this.push('target', this.target);
  }

  /** That of the target that was given last. */
  digest(): string {
    return this.target?.digest ?? '';
  }

  /** As an answer to a ping would. */
  ping(): void {
    this.heard();
  }

  order(job: JobDown): void {
    this.push('job', job);
  }

  push(channel: 'target' | 'job' | 'ack', message: object): void {
    const payload = JSON.stringify(message);
    this.count(payload, downTopic(address, channel));
    this.down?.(downTopic(address, channel), payload);
  }

  /** Cuts the session, as a broker that restarts does. */
  cut(): void {
    const { closed } = this;
    this.down = null;
    this.closed = null;
    closed?.('ECONNRESET');
  }

  states() {
    return this.messages('state').map((message) => channels.up.state.schema.parse(message));
  }

  events() {
    return this.messages('event').map((message) => channels.up.event.schema.parse(message));
  }

  jobs() {
    return this.messages('job').map((message) => channels.up.job.schema.parse(message));
  }

  telemetry() {
    return this.messages('telemetry').map((message) => channels.up.telemetry.schema.parse(message));
  }

  private messages(wanted: UpChannel): unknown[] {
    return this.received.flatMap(({ channel, message }) => (channel === wanted ? [message] : []));
  }

  get online(): boolean {
    return this.down !== null;
  }

  private count(payload: string, topic: string): void {
    // IP and TCP headers with timestamps, MQTT header, topic; a PUBACK and two bare TCP acknowledgements.
    this.wireBytes +=
      reportBytesOverhead + 5 + topic.length + Buffer.byteLength(payload) + (reportBytesOverhead + 4) + 2 * reportBytesOverhead;
  }

  private async connect(request: SessionRequest): Promise<Session> {
    this.sessions.push(request);
    if (!this.reachable || !this.admits(request)) throw new Fault('link.unreachable', 'no route');
    if (request.clientId.includes('~')) return this.sessionOfChange();
    const listeners: ((topic: string, payload: string) => void)[] = [];
    this.down = (topic, payload) => listeners.forEach((listen) => listen(topic, payload));
    return {
      publish: async (topic, payload) => {
        if (!this.down) throw new Fault('link.closed', 'gone');
        this.receive(topic, payload);
      },
      subscribe: async () => {},
      onMessage: (listen) => {
        listeners.push(listen);
        return () => {};
      },
      onHeard: (listen) => {
        this.heard = listen;
        return () => {};
      },
      onClose: (listen) => {
        this.closed = listen;
        return () => {};
      },
      close: async () => this.cut(),
    };
  }

  /** One announce and its answer; beside the device's own session. */
  private sessionOfChange(): Session {
    const listeners = new Set<(topic: string, payload: string) => void>();
    const counted = (forget: () => void) => {
      this.changeListeners += 1;
      let isCounted = true;
      return () => {
        forget();
        if (isCounted) this.changeListeners -= 1;
        isCounted = false;
      };
    };
    let isOpen = true;
    this.changeSessions += 1;
    return {
      publish: async (topic, payload) => {
        this.receive(topic, payload);
        const announce = channels.up.announce.schema.parse(JSON.parse(payload));
        const { transaction, nonce, digest } = announce;
        if (!this.confirms || digest !== this.target?.digest) return;
        for (let turn = 0; turn < roundTripTurns; turn += 1) await Promise.resolve();
        for (const listen of listeners) listen(downTopic(address, 'confirm'), JSON.stringify({ transaction, nonce, digest }));
      },
      subscribe: async () => {},
      onMessage: (listen) => {
        listeners.add(listen);
        return counted(() => listeners.delete(listen));
      },
      onHeard: () => () => {},
      onClose: () => counted(() => {}),
      close: async () => {
        if (isOpen) this.changeSessions -= 1;
        isOpen = false;
      },
    };
  }

  private receive(topic: string, payload: string): void {
    const parsed = parseUpTopic(topic);
    if (!parsed) throw new Error(`not one of ours: ${topic}`);
    this.count(payload, topic);
    const message = channels.up[parsed.channel].schema.parse(JSON.parse(payload));
    this.received.push({ channel: parsed.channel, message });
    if (parsed.channel === 'hello') return this.greet(channels.up.hello.schema.parse(message));
    if (isReportChannel(parsed.channel) && this.acknowledges) this.commit(parsed.channel, message);
  }

  private greet(hello: Hello): void {
    this.hellos.push(hello);
    if (!this.acknowledges) return;
    this.push('ack', {
      epoch: hello.stream.epoch,
      through: this.through.get(hello.stream.epoch) ?? 0,
      nonce: hello.nonce,
      confirms: this.answersAnnounces,
    });
    if (this.target && !this.withholdsTarget && this.target.version.number > (hello.held.target?.number ?? 0))
      this.push('target', this.target);
  }

  private commit(channel: UpChannel, message: unknown): void {
    const { epoch, sequence, base } = channels.up.state.schema.parse({
      held: { target: null },
      target: null,
      uptimeS: 0,
      modems: [],
      ...envelopeOf(message),
    });
    this.committed.set(`${epoch}/${sequence}`, { channel, message });
    let through = Math.max(this.through.get(epoch) ?? 0, base - 1);
    while (this.committed.has(`${epoch}/${through + 1}`)) through += 1;
    this.through.set(epoch, through);
    this.push('ack', { epoch, through });
  }
}

function envelopeOf(message: unknown): object {
  if (typeof message !== 'object' || message === null || !('epoch' in message) || !('sequence' in message) || !('base' in message))
    return {};
  return { epoch: message.epoch, sequence: message.sequence, base: message.base, sentAt: 0 };
}
