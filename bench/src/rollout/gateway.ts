import { connect, type Socket } from 'node:net';
import { Fault } from '@towline/kit';
import { type DeviceAddress, downFilter, upTopic } from '@towline/protocol';
import mqttPacket from 'mqtt-packet';
import * as z from 'zod/mini';

/** What is looked at of a target: the document would be dialled by. */
const targetSchema = z.object({ version: z.object({ epoch: z.int(), number: z.int() }), digest: z.string() });
type Target = z.infer<typeof targetSchema>;

export interface GatewayListener {
  target(): void;
  applied(): void;
}

const epoch = 'benchmrk';
const keepaliveS = 600;

const modem = {
  id: '1-1',
  model: 'ec25',
  product: 'EC25',
  imei: '350000000000001',
  firmware: 'EC25EFAR06A06M4G',
  connection: 'verified',
  sim: { state: 'ready', iccid: '8988001010000000001', imsi: '001010000000001', homePlmn: '00101' },
  registration: { state: 'home', rat: 'lte', servingPlmn: '00101', operator: 'Polder', area: '1A2B', cell: '1C2D3E' },
  signal: { rssiDbm: -67, rsrpDbm: -97, rsrqDb: -11.5, sinrDb: 13 },
  bearer: { requestedApn: 'fleet.polder', apn: 'fleet.polder', ipType: 'ipv4', dataMode: 'ecm', addresses: ['10.20.1.2'] },
  profileRef: null,
  rule: null,
  fault: null,
};

/** One gateway that does at once what it is told, and says so as an agent does: first that it is at it, then that it is done. */
export class Gateway {
  readonly #id: string;
  readonly #address: DeviceAddress;
  readonly #socket: Socket;
  readonly #listener: GatewayListener;
  #sequence = 0;
  #messageId = 0;

  constructor(id: string, port: number, listener: GatewayListener) {
    this.#id = id;
    this.#address = { tenant: 'main', device: id };
    this.#listener = listener;
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setNoDelay(true);
  }

  /** Resolves when its hello was answered. @throws Fault `bench.refused`, or the socket's own error */
  connect(): Promise<void> {
    const parser = mqttPacket.parser();
    this.#socket.on('data', (bytes) => parser.parse(bytes));
    const account = { clientId: this.#id, username: this.#id, password: Buffer.from(this.#id) };
    this.#write({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: keepaliveS, ...account });
    return new Promise((resolve, reject) => {
      this.#socket.on('error', reject);
      parser.on('error', reject);
      parser.on('packet', (packet) => {
        if (packet.cmd === 'connack' && packet.returnCode !== 0) reject(new Fault('bench.refused', `refused with ${packet.returnCode}`));
        if (packet.cmd === 'connack')
          this.#write({ cmd: 'subscribe', messageId: 65_535, subscriptions: [{ topic: downFilter(this.#address), qos: 1 }] });
        if (packet.cmd === 'suback') this.#sayHello();
        if (packet.cmd === 'publish') {
          if (packet.topic.endsWith('/ack')) resolve();
          this.#hear(packet);
        }
      });
    });
  }

  end(): void {
    this.#socket.destroy();
  }

  #sayHello(): void {
    const stream = { epoch, sequence: 0 };
    const fingerprint = { boardSerial: this.#id, imeis: [] };
    const hello = {
      protocol: 1,
      agent: 'bench',
      boot: this.#id,
      connection: 2,
      nonce: 'benchmark',
      held: { target: null },
      stream,
      fingerprint,
    };
    this.#publish('hello', hello);
  }

  #hear({ topic, messageId, payload }: mqttPacket.IPublishPacket): void {
    if (messageId !== undefined) this.#write({ cmd: 'puback', messageId });
    if (!topic.endsWith('/target')) return;
    const target = targetSchema.parse(JSON.parse(payload.toString()));
    this.#listener.target();
    this.#report(target, 'applying');
    this.#report(target, 'applied');
    this.#listener.applied();
  }

  #report({ version, digest }: Target, status: 'applying' | 'applied'): void {
    this.#sequence += 1;
    const envelope = { epoch, sequence: this.#sequence, base: this.#sequence, sentAt: Date.now() };
    this.#publish('state', { ...envelope, held: { target: version }, target: { version, digest, status }, uptimeS: 60, modems: [modem] });
  }

  #publish(channel: 'hello' | 'state', message: object): void {
    this.#messageId = (this.#messageId % 60_000) + 1;
    const topic = upTopic(this.#address, channel);
    this.#write({ cmd: 'publish', topic, payload: JSON.stringify(message), qos: 1, dup: false, retain: false, messageId: this.#messageId });
  }

  #write(packet: mqttPacket.Packet): void {
    this.#socket.write(mqttPacket.generate(packet));
  }
}
