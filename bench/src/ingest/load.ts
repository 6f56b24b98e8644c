/**
 * The fleet of the ingest benchmark, a process of its own: raw sockets, so that it costs little beside what it measures.
 * Every device keeps a window of reports on their way and sends the next one when one is answered.
 */
import { connect, type Socket } from 'node:net';
import { downFilter, upTopic } from '@towline/protocol';
import mqttPacket from 'mqtt-packet';
import { latencySummary } from '../latency.ts';
import type { LoadOrder, LoadResult } from './load-order.ts';

interface Device {
  readonly socket: Socket;
  readonly topic: string;
  sequence: number;
  through: number;
  /** When each report on its way was sent, by sequence. */
  readonly sentAt: Map<number, number>;
}

const epoch = 'benchmrk';
const answered: number[] = [];
let measuring = false;
let count = 0;

function report(sequence: number, base: number): string {
  const now = Date.now();
  return JSON.stringify({
    epoch,
    sequence,
    base,
    sentAt: now,
    modem: 'main',
    at: [now],
    rssiDbm: [-67],
    rsrpDbm: [-97 - (sequence % 10)],
    rsrqDb: [-11.5],
    sinrDb: [13],
    temperatureC: [41],
    rxBytes: [sequence * 1000],
    txBytes: [sequence * 400],
  });
}

function send(device: Device): void {
  device.sequence += 1;
  const { sequence } = device;
  device.sentAt.set(sequence, performance.now());
  device.socket.write(
    mqttPacket.generate({
      cmd: 'publish',
      topic: device.topic,
      payload: report(sequence, device.through + 1),
      qos: 1,
      dup: false,
      retain: false,
      messageId: ((sequence - 1) % 65_535) + 1,
    }),
  );
}

function settle(device: Device, through: number): void {
  const now = performance.now();
  for (let sequence = device.through + 1; sequence <= through; sequence += 1) {
    const sent = device.sentAt.get(sequence);
    device.sentAt.delete(sequence);
    if (sent !== undefined && measuring) {
      count += 1;
      answered.push(now - sent);
    }
    device.through = sequence;
    send(device);
  }
}

/** The sequence that a down/ack covers. Only `through` matters here, so nothing else is parsed. */
function throughOf(payload: string): number {
  return Number(/"through":(\d+)/.exec(payload)?.[1] ?? 0);
}

function start(order: LoadOrder, member: LoadOrder['devices'][number]): Promise<void> {
  const address = { tenant: member.tenant, device: member.id };
  const socket = connect(order.port, '127.0.0.1');
  const device: Device = { socket, topic: upTopic(address, 'telemetry'), sequence: 0, through: 0, sentAt: new Map() };
  const parser = mqttPacket.parser();
  return new Promise((resolve, reject) => {
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connack') {
        if (packet.returnCode !== 0) reject(new Error(`refused with ${packet.returnCode}`));
        socket.write(mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: downFilter(address), qos: 1 }] }));
      }
      if (packet.cmd === 'suback') {
        resolve();
        for (let index = 0; index < order.window; index += 1) send(device);
      }
      if (packet.cmd === 'puback' && order.answer === 'puback') settle(device, device.through + 1);
      if (packet.cmd === 'publish' && order.answer === 'ack') settle(device, throughOf(packet.payload.toString()));
    });
    socket.on('data', (bytes) => parser.parse(bytes));
    socket.on('error', reject);
    socket.write(
      mqttPacket.generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: member.id,
        username: member.id,
        password: Buffer.from(member.secret),
        keepalive: 240,
      }),
    );
  });
}

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

process.once('message', async (order: LoadOrder) => {
  await Promise.all(order.devices.map((member) => start(order, member)));
  await delay(order.warmUpMs);
  measuring = true;
  const from = performance.now();
  await delay(order.measureMs);
  measuring = false;
  const seconds = (performance.now() - from) / 1000;
  const result: LoadResult = { perSecond: count / seconds, ...latencySummary(answered) };
  process.send?.(result, () => process.exit(0));
});
