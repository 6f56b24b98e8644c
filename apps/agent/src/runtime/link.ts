import { type BackoffPolicy, backoffDelayMs, type Cancel, Fault, faultCode, faultText } from '@towline/kit';
import {
  type Ack,
  channels,
  type DeviceAddress,
  type DownChannel,
  downFilter,
  type JobDown,
  maxPayloadBytes,
  parseDownTopic,
  type TargetDown,
  type UpChannel,
  upTopic,
} from '@towline/protocol';
import * as z from 'zod/mini';
import { type Alarm, createAlarm } from './alarm.ts';
import type { Way } from './bearer-paths.ts';
import type { DeviceIdentity } from './device-identity.ts';
import type { AgentPorts, Session } from './ports.ts';
import type { Reporter } from './reporter.ts';

/** What came down, parsed. */
export interface LinkListener {
  /** @param tell says that the device has it; resolves once the broker has that, or is not waited for any longer */
  target(target: TargetDown, tell: () => Promise<void>): void;
  job(job: JobDown): void;
  /** The hello was answered. `confirms`: by a control plane that answers announces. */
  welcomed(by: { readonly confirms: boolean }): void;
  /** A job of a kind that this agent does not know. */
  unknownJob(id: string): void;
  /** What the hello says beside the link's own part. */
  greeting(): {
    readonly held: { readonly target: TargetDown['version'] | null };
    readonly fingerprint: { readonly boardSerial: string | null; readonly imeis: string[] };
  };
}

interface LinkNeeds {
  readonly ports: Pick<AgentPorts, 'clock' | 'random' | 'log' | 'transport' | 'ids' | 'hostFacts'>;
  readonly identity: DeviceIdentity;
  readonly reporter: Pick<Reporter, 'acknowledge' | 'connect' | 'disconnect' | 'position' | 'tell'>;
  readonly listener: LinkListener;
  readonly ways: {
    /** How to reach the control plane at this try, counted since the last session that was welcomed. */
    of(attempt: number): Way;
    /** Whether a session that goes by this bearer, or by none, may stay. */
    mayStay(bearer: string | null): boolean;
  };
}

interface LinkOptions {
  readonly agentVersion: string;
  readonly keepaliveS: number;
  /** Number of this process start. */
  readonly starts: number;
}

/** Full jitter, from 1 s to 2 minutes: a broker that restarts is not met by a whole fleet at once. */
const reconnectPolicy: BackoffPolicy = { baseMs: 1_000, factor: 2, maxMs: 120_000, jitter: 1 };
/** The hello is repeated until it is answered. */
const helloPolicy: BackoffPolicy = { baseMs: 30_000, factor: 2, maxMs: 600_000, jitter: 0.2 };
const connectTimeoutMs = 30_000;
const farewellMs = 2_000;
/** Longer than a message takes over LTE-M at the edge of a cell; a change is not kept waiting for more. */
const heldMs = 5_000;
/** Connections of one process that are told apart; more would need a million reconnects without a restart. */
const connectionsPerStart = 1_000_000;

const anyJobSchema = z.object({ action: z.literal('start'), id: z.uuid() });

function parseJson(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
}

/** The agent's conversation with the control plane: one session at a time, for ever. */
export class Link {
  private readonly needs: LinkNeeds;
  private readonly options: LinkOptions;
  private readonly address: DeviceAddress;
  private connection: number;
  private attempt = 0;
  /** Sessions begun since the last that was welcomed. */
  private tries = 0;
  private nonce: string | null = null;
  private cancelHello: Cancel = () => {};
  private readonly alarm: Alarm;
  /** The bearer that the session leaves by. */
  private bearer: string | null = null;
  private cut: (() => void) | null = null;
  private heardAtMs = 0;
  private welcomed = false;
  private nextHurryMs = 0;

  constructor(needs: LinkNeeds, options: LinkOptions) {
    this.needs = needs;
    this.options = options;
    this.alarm = createAlarm(needs.ports.clock);
    this.address = { tenant: needs.identity.tenant, device: needs.identity.device };
    this.connection = options.starts * connectionsPerStart;
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.needs.ports;
    signal.addEventListener('abort', () => this.alarm.wake());
    while (!signal.aborted) {
      try {
        await this.converse(signal);
      } catch (error) {
        log.warn('link.unreachable', { code: faultCode(error), reason: faultText(error), attempt: this.attempt });
      }
      if (signal.aborted) return;
      await this.alarm.wait(clock.monotonicMs() + backoffDelayMs(reconnectPolicy, this.attempt, random));
      this.attempt += 1;
    }
  }

  /**
   * A bearer came or went: a session over one that is gone would only be missed at its next keepalive, and the patience of tries without a
   * bearer is not owed to one that came. Bearers that come and go without end do not hurry it every time.
   */
  wayChanged(turn: 'came' | 'went'): void {
    const { ways, ports } = this.needs;
    const nowMs = ports.clock.monotonicMs();
    if (turn === 'came' && nowMs >= this.nextHurryMs) {
      this.attempt = 0;
      this.nextHurryMs = nowMs + reconnectPolicy.maxMs;
    }
    const hasSession = this.cut !== null;
    if (hasSession && ways.mayStay(this.bearer)) return;
    this.cut?.();
    if (ways.of(this.tries) !== 'none') this.alarm.wake();
  }

  /** Whether the control plane has answered the session that stands now. */
  isWelcomed(): boolean {
    return this.welcomed;
  }

  /** When any session heard something last; monotonic milliseconds, 0: none did. */
  lastHeardMs(): number {
    return this.heardAtMs;
  }

  /** When the session heard something last, if it leaves by this interface; monotonic milliseconds. */
  heardOver(interfaceName: string): number | null {
    return this.bearer?.split(' ')[0] === interfaceName ? this.heardAtMs : null;
  }

  private async converse(signal: AbortSignal): Promise<void> {
    const { ports, identity } = this.needs;
    const way = this.needs.ways.of(this.tries);
    if (way === 'none') throw new Fault('link.no-bearer', 'no bearer is verified');
    this.connection += 1;
    this.tries += 1;
    const session = await ports.transport.connect({
      ...(way === 'any' ? {} : { path: way }),
      url: identity.mqttUrl,
      clientId: identity.device,
      username: identity.device,
      password: identity.secret,
      keepaliveS: this.options.keepaliveS,
      timeoutMs: connectTimeoutMs,
      will: { topic: upTopic(this.address, 'presence'), payload: JSON.stringify({ connection: this.connection, online: false }) },
    });
    const closed = new Promise<string>((resolve) => session.onClose(resolve));
    const abort = () => void this.leave(session);
    this.bearer = way === 'any' ? null : way.bearer;
    this.cut = () => void session.close();
    session.onHeard(() => {
      this.heardAtMs = ports.clock.monotonicMs();
    });
    signal.addEventListener('abort', abort);
    try {
      ports.log.info('link.connected', { connection: this.connection });
      session.onMessage((topic, payload) => this.receive(topic, payload, session));
      await session.subscribe(downFilter(this.address));
      if (signal.aborted) return abort();
      this.greet(session, 0);
      ports.log.info('link.closed', { code: await closed });
    } finally {
      signal.removeEventListener('abort', abort);
      this.cancelHello();
      this.nonce = null;
      this.cut = null;
      this.bearer = null;
      this.welcomed = false;
      this.needs.reporter.disconnect();
    }
  }

  private async leave(session: Session): Promise<void> {
    // Said before the orderly end, as the will is not sent then. A broker that has stopped reading is not waited for.
    const farewell = this.publish(session, 'presence', { connection: this.connection, online: false });
    await this.atMost(farewellMs, farewell);
    await session.close();
  }

  private atMost(ms: number, publishing: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.needs.ports.clock.schedule(ms, resolve);
      void publishing.then(() => {
        cancel();
        resolve();
      });
    });
  }

  private async publish(session: Session, channel: UpChannel, message: object): Promise<void> {
    try {
      await session.publish(upTopic(this.address, channel), JSON.stringify(message));
    } catch (error) {
      this.needs.ports.log.warn('link.closed', { code: faultCode(error) });
    }
  }

  private greet(session: Session, attempt: number): void {
    const { ports, reporter, listener } = this.needs;
    const nonce = ports.ids.nonce();
    this.nonce = nonce;
    this.cancelHello = ports.clock.schedule(backoffDelayMs(helloPolicy, attempt, ports.random), () => this.greet(session, attempt + 1));
    if (attempt === 0) void this.publish(session, 'presence', { connection: this.connection, online: true });
    void this.publish(session, 'hello', {
      protocol: 1,
      agent: this.options.agentVersion,
      boot: ports.hostFacts.bootId,
      connection: this.connection,
      nonce,
      stream: reporter.position(),
      ...listener.greeting(),
    });
  }

  private receive(topic: string, payload: string, session: Session): void {
    const { log } = this.needs.ports;
    const channel = parseDownTopic(topic, this.address);
    if (!channel || payload.length > maxPayloadBytes) return log.warn('link.message-refused', { topic, bytes: payload.length });
    if (!this.dispatch(channel, parseJson(payload), session)) log.warn('link.message-refused', { channel });
  }

  /** False when the message does not have the shape of its channel. */
  private dispatch(channel: DownChannel, message: unknown, session: Session): boolean {
    const { listener, reporter } = this.needs;
    switch (channel) {
      case 'target': {
        const target = channels.down.target.schema.safeParse(message);
        if (target.success) this.take(target.data, session);
        else reporter.tell('target.unreadable', ['a target came that this agent cannot read']);
        return target.success;
      }
      case 'job': {
        const job = channels.down.job.schema.safeParse(message);
        if (job.success) listener.job(job.data);
        else this.refuseJob(message);
        return job.success;
      }
      // Meant for the session of a change; the broker may give it to this one too.
      case 'confirm':
        return true;
      case 'ack': {
        const ack = channels.down.ack.schema.safeParse(message);
        if (ack.success) this.acknowledge(ack.data, session);
        return ack.success;
      }
    }
  }

  private take(target: TargetDown, session: Session): void {
    const { version, digest } = target;
    this.needs.listener.target(target, () => this.atMost(heldMs, this.publish(session, 'held', { version, digest })));
  }

  private refuseJob(message: unknown): void {
    const named = anyJobSchema.safeParse(message);
    if (named.success) this.needs.listener.unknownJob(named.data.id);
  }

  private acknowledge(ack: Ack, session: Session): void {
    const { reporter, ports } = this.needs;
    reporter.acknowledge(ack);
    if (ack.nonce === undefined || ack.nonce !== this.nonce) return;
    this.nonce = null;
    this.attempt = 0;
    this.tries = 0;
    this.welcomed = true;
    this.cancelHello();
    ports.log.info('link.welcomed', { connection: this.connection });
    this.needs.listener.welcomed({ confirms: ack.confirms ?? false });
    reporter.connect((channel, payload) => session.publish(upTopic(this.address, channel), payload));
  }
}
