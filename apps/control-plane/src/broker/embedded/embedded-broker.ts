import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, Fault, faultCode, faultText, sleep } from '@towline/kit';
import {
  changeAccount,
  channels,
  type DeviceAddress,
  type DownChannel,
  downTopic,
  isChangeChannel,
  maxPayloadBytes,
  parseAccount,
} from '@towline/protocol';
import type { Aedes, AuthenticateError, Client, PublishPacket, Subscription } from 'aedes';
import type { ControlPlaneLog } from '../../platform/log.ts';
import type { Broker, RefusalCode, UpReceiver } from '../broker.ts';
import { BoundedLog } from './bounded-log.ts';
import type { Credentials } from './credentials.ts';
import { isOwnWill, judgePublish, maySubscribe, type SessionIdentity } from './device-rights.ts';
import { GatheredAnswers } from './gathered-answers.ts';
import { LoginThrottle } from './login-throttle.ts';
import { firstPacket, type PacketScan, scanPackets } from './packet-size-guard.ts';
import { encodePublish } from './publish-packet.ts';
import { Sessions } from './sessions.ts';
import { type Admission, type StrangerBounds, Strangers } from './strangers.ts';
import { UnroutedBroker } from './unrouted-broker.ts';

export interface EmbeddedBrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly log: ControlPlaneLog;
  readonly bounds?: Partial<StrangerBounds>;
}

/** MQTT 3.1.1 clause 3.2.2.3: identifier rejected; here: a session that should outlive its connection. */
const rejected = 2;
/** Not authorised. */
const notAuthorised = 5;
/** And: the server is unavailable; the device tries again later. */
const unavailable = 3;
const connectTimeoutMs = 20_000;
/** A fleet that comes back all at once is let in a few thousand at a time: who is turned away tries again, with jitter. */
const defaultBounds: StrangerBounds = { connections: 100_000, strangers: 5000, strangersPerAddress: 2000 };
/** Seconds. A session without keepalive would never be known to be dead. */
const longestKeepaliveS = 3600;
/** A message, its topic and the header. */
const maxPacketBytes = maxPayloadBytes + 512;
/** A device that doesn't read gets no more acks than this into its socket: they are told again by the next one. */
const maxUnreadBytes = 256 * 1024;
/** Ids of ours have at most 17 characters. */
const maxClientIdLength = 32;

const refused = (returnCode: number): AuthenticateError => Object.assign(new Error('refused'), { returnCode });
const bytesOf = (payload: PublishPacket['payload']): Uint8Array => (typeof payload === 'string' ? Buffer.from(payload) : payload);

type Will = Pick<PublishPacket, 'topic' | 'payload' | 'qos' | 'retain'>;

/** Looks on as aedes reads, before it parses: a peer must not make it gather a packet of 256 MB, proven or not. */
function refuseLargePackets(socket: Socket): void {
  let scan: PacketScan | null = firstPacket;
  socket.on('data', (chunk: Buffer) => {
    scan = scan && scanPackets(scan, chunk, maxPacketBytes);
    if (!scan) socket.destroy();
  });
}

/** The client id of the session that a channel belongs to. */
const clientIdFor = ({ device }: DeviceAddress, channel: DownChannel) => (isChangeChannel(channel) ? changeAccount(device) : device);

/** aedes in this process: identity, rights and back-pressure are its hooks. */
export class EmbeddedBroker implements Broker {
  readonly changeSessions = true;
  readonly #options: EmbeddedBrokerOptions;
  /** Who each session is, bound before any takeover. */
  readonly #identities = new WeakMap<Client, SessionIdentity>();
  readonly #wills = new WeakMap<Client, Will>();
  readonly #admissions = new WeakMap<Client, Admission>();
  readonly #sessions = new Sessions();
  readonly #strangers: Strangers;
  readonly #logins: LoginThrottle;
  readonly #log: BoundedLog;
  readonly #answers: GatheredAnswers;
  #receiver: UpReceiver | null = null;
  #broker: Aedes | null = null;
  #server: Server | null = null;

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
    this.#answers = new GatheredAnswers(options.clock);
    this.#strangers = new Strangers({ ...defaultBounds, ...options.bounds });
    this.#logins = new LoginThrottle(options.clock);
    this.#log = new BoundedLog(options.log, options.clock);
  }

  async start(receiver: UpReceiver): Promise<void> {
    this.#receiver = receiver;
    const broker = new UnroutedBroker({
      connectTimeout: connectTimeoutMs,
      maxClientsIdLength: maxClientIdLength,
      keepaliveLimit: longestKeepaliveS,
      maxTopicLevels: 8,
      preConnect: (client, { will }, done) => {
        if (will) this.#wills.set(client, { qos: 0, retain: false, ...will });
        done(null, true);
      },
      authenticate: (client, username, password, done) => void this.#authenticate(client, { username, password }, done),
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => done(null, this.#authorizeSubscribe(client, subscription)),
    });
    await broker.listen();
    broker.on('clientReady', (client) => this.#sessions.add(client));
    broker.on('clientDisconnect', (client) => this.#sessions.delete(client));
    broker.on('clientError', (client, error) => this.#log.warn('broker.client-error', { client: client.id, reason: faultText(error) }));
    broker.on('connectionError', (_client, error) => this.#log.warn('broker.client-error', { reason: faultText(error) }));
    this.#broker = broker;
    this.#server = await this.#listen(broker);
  }

  ready(): boolean {
    return this.#server !== null;
  }

  publish(address: DeviceAddress, channel: DownChannel, payload: string): boolean {
    const client = this.#sessions.get(clientIdFor(address, channel));
    if (!client) return false;
    const { qos } = channels.down[channel];
    if (qos === 0) return this.#writeStraight(client.conn, encodePublish(downTopic(address, channel), payload));
    // What waited leaves with it, or without it where the session has ended meanwhile, which its next hello mends.
    const leave = () => this.#answers.release(client.conn);
    client.publish({ cmd: 'publish', topic: downTopic(address, channel), payload, qos, dup: false, retain: false }, leave);
    return true;
  }

  /** Past aedes, which would take another turn of the event loop, and so another segment than the PUBACKs that wait. */
  #writeStraight(connection: Client['conn'], packet: Buffer): boolean {
    if (!connection.writable || connection.writableLength > maxUnreadBytes) return false;
    connection.write(packet);
    this.#answers.release(connection);
    return true;
  }

  mayHear(address: DeviceAddress, channel: DownChannel): boolean {
    return this.#sessions.get(clientIdFor(address, channel)) !== undefined;
  }

  sessions(): number {
    return this.#sessions.size;
  }

  disconnect(device: string): void {
    this.#options.credentials.forget(device);
    for (const client of this.#sessions.of(device)) client.close();
  }

  cutRevoked(): void {
    this.#options.credentials.revokedOf(this.#sessions.devices()).then(
      (revoked) => {
        for (const device of revoked) this.disconnect(device);
      },
      (error: unknown) => this.#options.log.warn('database.unavailable', { code: faultCode(error) }),
    );
  }

  async stop(): Promise<void> {
    this.#server?.close();
    await new Promise<void>((resolve) => (this.#broker ? this.#broker.close(resolve) : resolve()));
  }

  #listen(broker: Aedes): Promise<Server> {
    const { host, port } = this.#options;
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) => {
      const admission = this.#strangers.admit(socket.remoteAddress ?? '');
      if (!admission) return void socket.destroy();
      socket.once('close', () => admission.ended());
      this.#admissions.set(broker.handle(socket), admission);
      refuseLargePackets(socket);
    });
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => {
        const taken = faultCode(cause) === 'EADDRINUSE';
        const text = taken ? `port ${port} is taken: set TOWLINE_MQTT_PORT to a free one` : `cannot listen on ${host}:${port}`;
        reject(new Fault('broker.listen-failed', text, { cause }));
      });
      server.listen({ host, port, backlog: 4096 }, () => resolve(server));
    });
  }

  async #authenticate(
    client: Client,
    { username, password }: { username: string | undefined; password: Buffer | undefined },
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): Promise<void> {
    const code = await this.#prove(client, username, password);
    if (code === null) return done(null, true);
    this.#log.warn('broker.client-refused', { client: client.id, code });
    done(refused(code), null);
  }

  /** @returns null when it is who it says it is, else the return code of the refusal */
  async #prove(client: Client, username: string | undefined, password: Buffer | undefined): Promise<number | null> {
    if (!client.clean) return rejected;
    const account = parseAccount(client.id);
    if (!account || username !== client.id || !password) return notAuthorised;
    const { device, ofChange } = account;
    const admission = this.#admissions.get(client);
    if (!admission) return unavailable;
    const login = { source: admission.source, device, password };
    if (this.#logins.isShut(login)) return unavailable;
    try {
      const waitMs = this.#logins.waitMs(login.source);
      if (waitMs > 0) await sleep(this.#options.clock, waitMs);
      const address = await this.#options.credentials.prove(device, password);
      const identity = address && { ...address, ofChange };
      if (!identity || !this.#hasOwnWill(client, identity)) {
        this.#logins.failed(login);
        return notAuthorised;
      }
      this.#identities.set(client, identity);
      admission.proven();
      return null;
    } catch {
      return unavailable;
    }
  }

  #hasOwnWill(client: Client, identity: SessionIdentity): boolean {
    const will = this.#wills.get(client);
    return !will || isOwnWill(identity, { ...will, payloadBytes: will.payload.length });
  }

  #authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const identity = client ? this.#identities.get(client) : undefined;
    if (!identity || !this.#receiver) return done(new Error('no identity'));
    const payload = bytesOf(packet.payload);
    const judged = judgePublish(identity, { topic: packet.topic, qos: packet.qos, retain: packet.retain, payloadBytes: payload.length });
    if (isRefusal(judged)) {
      this.#receiver.refused(identity, judged);
      return done(new Error(judged));
    }
    const { tenant, device } = identity;
    this.#receiver.accept({ tenant, device, channel: judged, payload }, () => {
      if (client) this.#answers.hold(client.conn);
      done();
    });
  }

  #authorizeSubscribe(client: Client, subscription: Subscription): Subscription | null {
    const identity = this.#identities.get(client);
    if (!identity) return null;
    if (maySubscribe(identity, subscription.topic)) return subscription;
    this.#receiver?.refused(identity, 'device.subscribe-foreign');
    // Null is answered with 128, "failure" (clause 3.9.3).
    return null;
  }
}

function isRefusal(judged: ReturnType<typeof judgePublish>): judged is RefusalCode {
  return judged.startsWith('device.');
}
