import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Session, SessionRequest, Transport } from '@towline/agent';
import { Fault } from '@towline/kit';
import mqttPacket from 'mqtt-packet';

/** MQTT 3.1.1 clause 2.3.1: 0 is no packet identifier. */
const lastPacketId = 65_535;
/** Seconds. The broker waits half as long again, longer than a benchmark lasts: nobody pings. */
const keepalive = 600;

/** A session over a bare socket: what a client library would add is a third of what a simulated gateway costs. */
class RawSession implements Session {
  readonly #socket: Socket;
  readonly #messages = new Set<(topic: string, payload: string) => void>();
  readonly #heard = new Set<() => void>();
  readonly #closed = new Set<(code: string) => void>();
  readonly #unanswered = new Map<number, { resolve: () => void; reject: (error: Fault) => void }>();
  #packetId = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.once('close', () => this.#end());
  }

  publish(topic: string, payload: string): Promise<void> {
    return this.#ask((messageId) => ({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId }));
  }

  subscribe(topic: string): Promise<void> {
    return this.#ask((messageId) => ({ cmd: 'subscribe', messageId, subscriptions: [{ topic, qos: 1 }] }));
  }

  onMessage(listen: (topic: string, payload: string) => void): () => void {
    this.#messages.add(listen);
    return () => void this.#messages.delete(listen);
  }

  onHeard(listen: () => void): () => void {
    this.#heard.add(listen);
    return () => void this.#heard.delete(listen);
  }

  onClose(listen: (code: string) => void): () => void {
    this.#closed.add(listen);
    return () => void this.#closed.delete(listen);
  }

  async close(): Promise<void> {
    if (!this.#socket.writable) return;
    const gone = once(this.#socket, 'close');
    this.#write({ cmd: 'disconnect' });
    this.#socket.end();
    await gone;
  }

  hear(packet: mqttPacket.Packet): void {
    for (const listen of this.#heard) listen();
    if (packet.cmd === 'puback' || packet.cmd === 'suback') this.#settle(packet.messageId ?? 0)?.resolve();
    if (packet.cmd !== 'publish') return;
    if (packet.messageId !== undefined) this.#write({ cmd: 'puback', messageId: packet.messageId });
    for (const listen of this.#messages) listen(packet.topic, packet.payload.toString());
  }

  #ask(packetOf: (messageId: number) => mqttPacket.Packet): Promise<void> {
    this.#packetId = (this.#packetId % lastPacketId) + 1;
    const id = this.#packetId;
    return new Promise((resolve, reject) => {
      this.#unanswered.set(id, { resolve, reject });
      this.#write(packetOf(id));
    });
  }

  #settle(id: number) {
    const asked = this.#unanswered.get(id);
    this.#unanswered.delete(id);
    return asked;
  }

  /** What a session says in one turn leaves in one write. */
  #write(packet: mqttPacket.Packet): void {
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      setImmediate(() => this.#socket.uncork());
    }
    this.#socket.write(mqttPacket.generate(packet));
  }

  #end(): void {
    for (const { reject } of this.#unanswered.values()) reject(new Fault('link.closed', 'the session has ended'));
    this.#unanswered.clear();
    for (const listen of this.#closed) listen('closed');
  }
}

/** One for all sessions: each would be given 64 KiB for a few hundred octets, again and again. */
const received = Buffer.allocUnsafe(65_536);

/** Sessions of simulated gateways: MQTT 3.1.1 without TLS and without pings. */
export const rawTransport: Transport = {
  connect({ url, clientId, username, password, will, timeoutMs }: SessionRequest): Promise<Session> {
    const { hostname, port } = new URL(url);
    const parser = mqttPacket.parser();
    const socket = connect({
      port: Number(port),
      host: hostname,
      noDelay: true,
      onread: {
        buffer: received,
        // Half of a packet stays with the parser.
        callback(length) {
          parser.parse(Buffer.from(received.subarray(0, length)));
          return true;
        },
      },
    });
    const account = { clientId, username, password: Buffer.from(password) };
    const asWill = will && { topic: will.topic, payload: Buffer.from(will.payload), qos: 1 as const, retain: false };
    socket.write(
      mqttPacket.generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        keepalive,
        ...account,
        ...(asWill ? { will: asWill } : {}),
      }),
    );
    socket.setTimeout(timeoutMs, () => socket.destroy());
    return new Promise((resolve, reject) => {
      const refuse = (reason: string) => reject(new Fault('link.unreachable', reason));
      socket.on('error', (error) => refuse(error.message));
      socket.once('close', () => refuse('closed'));
      parser.once('error', () => socket.destroy());
      parser.once('packet', (first) => {
        if (first.cmd !== 'connack' || first.returnCode !== 0) {
          refuse(first.cmd === 'connack' ? `refused with ${first.returnCode}` : first.cmd);
          return void socket.destroy();
        }
        socket.setTimeout(0);
        const session = new RawSession(socket);
        parser.on('packet', (packet) => session.hear(packet));
        resolve(session);
      });
    });
  },
};
