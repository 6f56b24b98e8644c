import { connect, type Socket } from 'node:net';
import { Fault } from '@towline/kit';
import { channels, type DeviceAddress, downFilter, upTopic } from '@towline/protocol';
import mqttPacket from 'mqtt-packet';
import type { LoadOrder } from './load-order.ts';

/** MQTT 3.1.1 clause 2.3.1. The last one is the subscription's; what is on its way has one of the others, many more than any window. */
const packetIds = 65_535;

/** One device that reports as fast as it is answered. */
export class LoadDevice {
  readonly #member: LoadOrder['devices'][number];
  readonly #order: LoadOrder;
  readonly #answered: (tookMs: number) => void;
  readonly #address: DeviceAddress;
  readonly #topic: string;
  readonly #socket: Socket;
  readonly #sentAt = new Map<number, number>();
  #sequence = 0;
  #through = 0;

  constructor(member: LoadOrder['devices'][number], order: LoadOrder, answered: (tookMs: number) => void) {
    this.#member = member;
    this.#order = order;
    this.#answered = answered;
    this.#address = { tenant: member.tenant, device: member.id };
    this.#topic = upTopic(this.#address, 'telemetry');
    this.#socket = connect(order.port, '127.0.0.1');
    this.#socket.setNoDelay(true);
  }

  /** Resolves once its subscription stands. @throws Fault `bench.refused`, or the socket's own error */
  connect(): Promise<void> {
    const parser = mqttPacket.parser();
    this.#socket.on('data', (bytes) => parser.parse(bytes));
    const { id, secret } = this.#member;
    const account = { clientId: id, username: id, password: Buffer.from(secret) };
    this.#write({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 240, ...account });
    return new Promise((resolve, reject) => {
      this.#socket.on('error', reject);
      parser.on('error', reject);
      parser.on('packet', (packet) => {
        if (packet.cmd === 'connack' && packet.returnCode !== 0) reject(new Fault('bench.refused', `refused with ${packet.returnCode}`));
        if (packet.cmd === 'connack') this.#subscribe();
        if (packet.cmd === 'suback') resolve();
        if (packet.cmd === 'puback' && this.#order.answer === 'puback') this.#settle(this.#through + 1);
        if (packet.cmd === 'publish') this.#hear(packet);
      });
    });
  }

  fillWindow(): void {
    for (let count = 0; count < this.#order.window; count += 1) this.#report();
  }

  end(): void {
    this.#socket.destroy();
  }

  #subscribe(): void {
    this.#write({ cmd: 'subscribe', messageId: packetIds, subscriptions: [{ topic: downFilter(this.#address), qos: 1 }] });
  }

  /** An ack of the control plane, which the broker wants acknowledged in its turn. */
  #hear({ messageId, payload }: mqttPacket.IPublishPacket): void {
    if (messageId !== undefined) this.#write({ cmd: 'puback', messageId });
    const ack = channels.down.ack.schema.parse(JSON.parse(payload.toString()));
    if (ack.faults) throw new Fault('bench.refused', `a report was refused: ${ack.faults[0]?.code}`);
    if (ack.epoch === this.#order.epoch) this.#settle(ack.through);
  }

  #settle(through: number): void {
    const now = performance.now();
    while (this.#through < through) {
      this.#through += 1;
      this.#answered(now - (this.#sentAt.get(this.#through) ?? Number.NaN));
      this.#sentAt.delete(this.#through);
      this.#report();
    }
  }

  #report(): void {
    this.#sequence += 1;
    this.#sentAt.set(this.#sequence, performance.now());
    const messageId = ((this.#sequence - 1) % (packetIds - 1)) + 1;
    this.#write({ cmd: 'publish', topic: this.#topic, payload: this.#payload(), qos: 1, dup: false, retain: false, messageId });
  }

  /** One sample, as a device sends it that reports each of them by itself. */
  #payload(): string {
    const sequence = this.#sequence;
    const sentAt = Date.now();
    const metrics = { rssiDbm: [-67], rsrpDbm: [-97 - (sequence % 10)], rsrqDb: [-11.5], sinrDb: [13], temperatureC: [41] };
    const envelope = { epoch: this.#order.epoch, sequence, base: this.#through + 1, sentAt };
    return JSON.stringify({
      ...envelope,
      modem: 'modem0',
      at: [sentAt],
      ...metrics,
      rxBytes: [sequence * 1000],
      txBytes: [sequence * 400],
    });
  }

  #write(packet: mqttPacket.Packet): void {
    this.#socket.write(mqttPacket.generate(packet));
  }
}
