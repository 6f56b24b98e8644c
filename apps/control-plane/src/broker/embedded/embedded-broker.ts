import { createServer, type Server } from 'node:net';
import { Fault, faultCode, faultText } from '@towline/kit';
import { channels, type DeviceAddress, type DownChannel, downTopic } from '@towline/protocol';
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from 'aedes';
import type { ControlPlaneLog } from '../../platform/log.ts';
import type { Broker, RefusalCode, UpReceiver } from '../broker.ts';
import type { Credentials } from './credentials.ts';
import { deviceOfClientId, judgePublish, maySubscribe } from './device-rights.ts';

export interface EmbeddedBrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials;
  readonly log: ControlPlaneLog;
}

/** MQTT 3.1.1 clause 3.2.2.3: not authorised. */
const notAuthorised = 5;
/** And: the server is unavailable; the device tries again later. */
const unavailable = 3;
const connectTimeoutMs = 20_000;
/** Ids of ours have at most 51 characters. */
const maxClientIdLength = 64;

const refused = (returnCode: number): AuthenticateError => Object.assign(new Error('refused'), { returnCode });
const bytesOf = (payload: PublishPacket['payload']): Uint8Array => (typeof payload === 'string' ? Buffer.from(payload) : payload);

/** aedes in this process: identity, rights and back-pressure are its hooks. */
export class EmbeddedBroker implements Broker {
  readonly #options: EmbeddedBrokerOptions;
  /** Who each session is, bound before any takeover. */
  readonly #identities = new WeakMap<Client, DeviceAddress>();
  readonly #clients = new Map<string, Client>();
  #receiver: UpReceiver | null = null;
  #broker: Aedes | null = null;
  #server: Server | null = null;

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
  }

  async start(receiver: UpReceiver): Promise<void> {
    this.#receiver = receiver;
    const broker = await Aedes.createBroker({
      concurrency: 1000,
      connectTimeout: connectTimeoutMs,
      maxClientsIdLength: maxClientIdLength,
      authenticate: (client, username, password, done) => void this.#authenticate(client, { username, password }, done),
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => done(null, this.#authorizeSubscribe(client, subscription)),
    });
    broker.on('clientReady', (client) => this.#clients.set(client.id, client));
    broker.on('clientDisconnect', (client) => {
      if (this.#clients.get(client.id) === client) this.#clients.delete(client.id);
    });
    broker.on('clientError', (client, error) =>
      this.#options.log.info('broker.client-error', { client: client.id, reason: faultText(error) }),
    );
    broker.on('connectionError', (_client, error) => this.#options.log.info('broker.client-error', { reason: faultText(error) }));
    this.#broker = broker;
    this.#server = await this.#listen(broker);
  }

  ready(): boolean {
    return this.#server !== null;
  }

  publish(address: DeviceAddress, channel: DownChannel, payload: string): boolean {
    const client = this.#clients.get(address.device);
    if (!client) return false;
    const { qos } = channels.down[channel];
    // aedes calls back without looking whether there is somebody; a session that ended meanwhile is mended by its next hello.
    client.publish({ cmd: 'publish', topic: downTopic(address, channel), payload, qos, dup: false, retain: false }, () => undefined);
    return true;
  }

  mayHear({ device }: DeviceAddress): boolean {
    return this.#clients.has(device);
  }

  sessions(): number {
    return this.#clients.size;
  }

  disconnect(device: string): void {
    this.#options.credentials.forget(device);
    for (const [id, client] of this.#clients) if (deviceOfClientId(id) === device) client.close();
  }

  async stop(): Promise<void> {
    this.#server?.close();
    await new Promise<void>((resolve) => (this.#broker ? this.#broker.close(resolve) : resolve()));
  }

  #listen(broker: Aedes): Promise<Server> {
    const { host, port } = this.#options;
    const server = createServer({ noDelay: true }, broker.handle);
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
    const device = deviceOfClientId(client.id);
    const code = await this.#prove(client, { device, username, password });
    if (code === null) return done(null, true);
    this.#options.log.warn('broker.client-refused', { client: client.id, code });
    done(refused(code), null);
  }

  /** @returns null when it is who it says it is, else the return code of the refusal */
  async #prove(
    client: Client,
    { device, username, password }: { device: string | null; username: string | undefined; password: Buffer | undefined },
  ): Promise<number | null> {
    if (device === null || username !== device || !password) return notAuthorised;
    try {
      const address = await this.#options.credentials.prove(device, password);
      if (!address) return notAuthorised;
      this.#identities.set(client, address);
      return null;
    } catch {
      return unavailable;
    }
  }

  #authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const device = client ? this.#identities.get(client) : undefined;
    if (!device || !this.#receiver) return done(new Error('no identity'));
    const payload = bytesOf(packet.payload);
    const judged = judgePublish(device, { topic: packet.topic, qos: packet.qos, retain: packet.retain, payloadBytes: payload.length });
    if (isRefusal(judged)) {
      this.#receiver.refused(device, judged);
      return done(new Error(judged));
    }
    this.#receiver.accept({ ...device, channel: judged, payload }, done);
  }

  #authorizeSubscribe(client: Client, subscription: Subscription): Subscription | null {
    const device = this.#identities.get(client);
    if (!device) return null;
    if (maySubscribe(device, subscription.topic)) return subscription;
    this.#receiver?.refused(device, 'device.subscribe-foreign');
    // Null is answered with 128, "failure" (clause 3.9.3).
    return null;
  }
}

function isRefusal(judged: ReturnType<typeof judgePublish>): judged is RefusalCode {
  return judged.startsWith('device.');
}
