import { nodeIds, nodeRandom, systemClock } from '@towline/agent/node';
import { type BackoffPolicy, backoffDelayMs, type Cancel } from '@towline/kit';
import {
  type Ack,
  channels,
  downFilter,
  downTopic,
  type ReportChannel,
  type TargetDown,
  type TargetVersion,
  upTopic,
} from '@towline/protocol';
import { connect, type MqttClient } from 'mqtt';
import type { SeenAck, SentReport } from '../history/history.ts';
import type { DeviceCredential } from './enrol.ts';

/** One report that waits for its acknowledgement. */
interface HeldReport {
  readonly sequence: number;
  readonly channel: ReportChannel;
  readonly body: object;
}

export interface LightDeviceOptions {
  /** A new report each so many milliseconds, while there is room. */
  readonly everyMs: number;
  readonly keepaliveS?: number;
  /** What it says that it holds. */
  readonly held?: () => TargetVersion | null;
  readonly onTarget?: (target: TargetDown) => void;
}

/** As the agent's link: full jitter. Shorter at its end, so that a story waits for no more than it must. */
const reconnectPolicy: BackoffPolicy = { baseMs: 1_000, factor: 2, maxMs: 4_000, jitter: 1 };
const windowSize = 16;
/** Held at most; a device without a connection makes no more until there is room. */
const maxHeld = 400;
const resendMs = 5_000;
/** A hello that nobody heard, as the ingest session was away, is said again. */
const helloAgainMs = 3_000;
/** Every so many reports one is an event, the rest are telemetry. */
const eventEvery = 8;
const samples = 3;

function telemetryOf(sequence: number): object {
  const now = systemClock.wallMs();
  const at = Array.from({ length: samples }, (_, index) => now - (samples - index) * 10);
  return { modem: 'main', at, rsrpDbm: at.map(() => -80 - (sequence % 40)) };
}

/**
 * A device without modem that reports as fast as it is let, keeps everything until it is acknowledged, and keeps the log of what it
 * sent and saw acknowledged.
 */
export class LightDevice {
  readonly sent: SentReport[] = [];
  readonly acks: SeenAck[] = [];
  /** Monotonic milliseconds of each session that was accepted. */
  readonly connectedAtMs: number[] = [];
  /** Sessions that ended without our doing. */
  disconnects = 0;
  /** Keep-alives that the broker answered. */
  pongs = 0;
  readonly #credential: DeviceCredential;
  readonly #options: LightDeviceOptions;
  readonly #epoch = nodeIds.epoch();
  readonly #held: HeldReport[] = [];
  #inFlight = new Map<number, number>();
  #client: MqttClient | null = null;
  #welcomed = false;
  #connection = 0;
  #attempt = 0;
  #sequence = 0;
  #producing = true;
  #stopped = false;
  #cancelTick: Cancel = () => undefined;
  #cancelReconnect: Cancel = () => undefined;
  #cancelHello: Cancel = () => undefined;

  constructor(credential: DeviceCredential, options: LightDeviceOptions) {
    this.#credential = credential;
    this.#options = options;
  }

  get id(): string {
    return this.#credential.device;
  }

  /** Reports that are not acknowledged yet. */
  get holding(): number {
    return this.#held.length;
  }

  get acknowledgedThrough(): number {
    return this.acks.reduce((highest, { through }) => Math.max(highest, through), 0);
  }

  start(): void {
    this.#open();
    this.#tick();
  }

  /** Reports this beside the rest, which makes no row that names it. */
  report(channel: ReportChannel, body: object): void {
    this.#hold(channel, body, 0);
    this.#sendDue();
  }

  /** Makes no new reports; what it holds is still sent. */
  stopProducing(): void {
    this.#producing = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTick();
    this.#cancelReconnect();
    this.#cancelHello();
    await this.#client?.endAsync(true);
  }

  #open(): void {
    const { tenant, device, secret, mqttUrl } = this.#credential;
    this.#connection += 1;
    const connection = this.#connection;
    const will = { topic: upTopic({ tenant, device }, 'presence'), payload: Buffer.from(JSON.stringify({ connection, online: false })) };
    const client = connect(mqttUrl, {
      protocolVersion: 4,
      clientId: device,
      username: device,
      password: secret,
      clean: true,
      keepalive: this.#options.keepaliveS ?? 30,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      queueQoSZero: false,
      will: { ...will, qos: 1, retain: false },
    });
    this.#client = client;
    // What happened is told by `close`; without a listener an error would end the process.
    client.on('error', () => undefined);
    client.on('connect', () => void this.#greet(client, connection));
    client.on('message', (topic, payload) => this.#receive(topic, payload));
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'pingresp') this.pongs += 1;
    });
    client.once('close', () => this.#closed());
  }

  async #greet(client: MqttClient, connection: number): Promise<void> {
    this.connectedAtMs.push(performance.now());
    try {
      await client.subscribeAsync(downFilter(this.#credential), { qos: 1 });
    } catch {
      // The session ended meanwhile; its `close` brings the next one.
      return;
    }
    this.#hello(client, connection);
  }

  #hello(client: MqttClient, connection: number): void {
    const hello = {
      protocol: 1,
      agent: 'light-device',
      boot: this.#epoch,
      connection,
      nonce: nodeIds.nonce(),
      held: { target: this.#options.held?.() ?? null },
      stream: { epoch: this.#epoch, sequence: this.#sequence },
      fingerprint: { boardSerial: this.id, imeis: [] },
    };
    client.publish(upTopic(this.#credential, 'hello'), JSON.stringify(hello), { qos: 1 }, () => undefined);
    this.#cancelHello = systemClock.schedule(helloAgainMs, () => this.#hello(client, connection));
  }

  #closed(): void {
    if (this.#welcomed) this.disconnects += 1;
    this.#welcomed = false;
    this.#cancelHello();
    this.#inFlight = new Map();
    if (this.#stopped) return;
    this.#cancelReconnect = systemClock.schedule(backoffDelayMs(reconnectPolicy, this.#attempt, nodeRandom), () => this.#open());
    this.#attempt += 1;
  }

  #receive(topic: string, payload: Buffer): void {
    const message: unknown = JSON.parse(payload.toString('utf8'));
    if (topic === downTopic(this.#credential, 'ack')) this.#acknowledge(channels.down.ack.schema.parse(message));
    if (topic === downTopic(this.#credential, 'target')) this.#options.onTarget?.(channels.down.target.schema.parse(message));
  }

  #acknowledge(ack: Ack): void {
    if (ack.nonce !== undefined) this.#welcome();
    if (ack.epoch !== this.#epoch) return;
    this.acks.push({ device: this.id, epoch: ack.epoch, through: ack.through });
    while ((this.#held[0]?.sequence ?? Number.POSITIVE_INFINITY) <= ack.through) this.#held.shift();
    for (const sequence of this.#inFlight.keys()) if (sequence <= ack.through) this.#inFlight.delete(sequence);
    this.#sendDue();
  }

  #welcome(): void {
    this.#welcomed = true;
    this.#cancelHello();
    this.#attempt = 0;
  }

  #tick(): void {
    if (this.#producing && this.#held.length < maxHeld) this.#produce();
    this.#sendDue();
    this.#cancelTick = systemClock.schedule(this.#options.everyMs, () => this.#tick());
  }

  #produce(): void {
    const next = this.#sequence + 1;
    if (next % eventEvery === 0) this.#hold('event', this.#event(next), 1);
    else this.#hold('telemetry', telemetryOf(next), samples);
  }

  #hold(channel: ReportChannel, body: object, rows: number): void {
    this.#sequence += 1;
    const sequence = this.#sequence;
    this.#held.push({ sequence, channel, body });
    this.sent.push({ device: this.id, epoch: this.#epoch, sequence, rows });
  }

  /** The evidence names the report, as an event's row does not. */
  #event(sequence: number): object {
    const mark = { at: systemClock.wallMs(), code: markCode, severity: 'info', modem: null, evidence: [this.#epoch, String(sequence)] };
    return { events: [mark] };
  }

  #sendDue(): void {
    const client = this.#client;
    if (!this.#welcomed || !client) return;
    const now = systemClock.monotonicMs();
    for (const report of this.#held.slice(0, windowSize)) {
      const sentAt = this.#inFlight.get(report.sequence);
      if (sentAt !== undefined && now - sentAt < resendMs) continue;
      this.#inFlight.set(report.sequence, now);
      this.#publish(client, report);
    }
  }

  #publish(client: MqttClient, { sequence, channel, body }: HeldReport): void {
    const envelope = { epoch: this.#epoch, sequence, base: this.#held[0]?.sequence ?? sequence, sentAt: systemClock.wallMs() };
    client.publish(upTopic(this.#credential, channel), JSON.stringify({ ...envelope, ...body }), { qos: 1 }, () => undefined);
  }
}

/** Code of the events that light devices send. */
export const markCode = 'story.mark';
