import { createHash } from 'node:crypto';
import { connect as connectSocket, type Socket } from 'node:net';
import { silentLog } from '@towline/kit';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { freePort } from '../../platform/testing/free-port.ts';
import type { UpMessage } from '../broker.ts';
import { Credentials } from './credentials.ts';
import { EmbeddedBroker } from './embedded-broker.ts';

const own = { tenant: 'main', device: '0123456789' };
const secret = 'of the device';
const stored = { ...own, hash: createHash('sha256').update(secret).digest() };
const up = 'towline/v1/main/0123456789/up';

let port: number;
let broker: EmbeddedBroker;
let accepted: { message: UpMessage; taken: () => void }[];
let refused: string[];
let asked: number;
const clients: MqttClient[] = [];

beforeAll(async () => {
  port = await freePort();
  const credentials = new Credentials(async (devices) => {
    asked += 1;
    return devices.includes(own.device) ? [stored] : [];
  }, systemClock);
  const bounds = { strangersPerAddress: 5 };
  broker = new EmbeddedBroker({ host: '127.0.0.1', port, credentials, clock: systemClock, log: silentLog, bounds });
  await broker.start({
    accept: (message, taken) => void accepted.push({ message, taken }),
    refused: (_address, code) => void refused.push(code),
  });
});
beforeEach(() => {
  accepted = [];
  refused = [];
  asked = 0;
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  await broker.stop();
});

async function connect(options: IClientOptions = {}): Promise<MqttClient> {
  const identity = { clientId: own.device, username: own.device, password: secret };
  const session = { protocolVersion: 4, clean: true, reconnectPeriod: 0, connectTimeout: 5000 } as const;
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { ...identity, ...session, ...options });
  clients.push(client);
  return client;
}
/** The session that a device asks for its changes on. */
const connectForChanges = (options: IClientOptions = {}) =>
  connect({ clientId: `${own.device}~change`, username: `${own.device}~change`, ...options });
const closing = (client: MqttClient) => new Promise((resolve) => client.once('close', () => resolve('closed')));

test('a message is acknowledged only when it was taken, and the session stays until then', async () => {
  const client = await connect();
  let acknowledged = false;
  const published = client.publishAsync(`${up}/state`, '{}', { qos: 1 }).then(() => (acknowledged = true));
  await vi.waitFor(() => expect(accepted).toHaveLength(1));
  // A turn of the event loop with an answered subscription in between: an early PUBACK would have arrived with it.
  await client.subscribeAsync('towline/v1/main/0123456789/down/+', { qos: 1 }).catch(() => undefined);
  expect(acknowledged).toBe(false);
  accepted[0]?.taken();
  await published;
  expect(accepted[0]?.message).toMatchObject({ ...own, channel: 'state' });
});

test('a retained message and one at QoS 2 close the session and go nowhere', async () => {
  for (const options of [{ qos: 1, retain: true }, { qos: 2 }] as const) {
    const client = await connect();
    const closed = closing(client);
    client.publish(`${up}/state`, '{}', options);
    expect(await closed).toBe('closed');
  }
  expect(accepted).toEqual([]);
  expect(refused).toEqual(['device.publish-retained', 'device.publish-qos']);
});

test('a last will for another device, or for more than presence, is refused before the session begins', async () => {
  for (const topic of ['towline/v1/main/9876543210/up/presence', `${up}/state`]) {
    await expect(connect({ will: { topic, payload: Buffer.from('{}'), qos: 1, retain: false } })).rejects.toMatchObject({ code: 5 });
  }
});

test('the last will of a session that breaks off is handed on', async () => {
  const client = await connect({ will: { topic: `${up}/presence`, payload: Buffer.from('{"a":1}'), qos: 1, retain: false } });
  client.stream.destroy();
  await vi.waitFor(() => expect(accepted.map(({ message }) => message.channel)).toEqual(['presence']));
});

test('a session that should outlive its connection, and one without keepalive, are refused', async () => {
  await expect(connect({ clean: false })).rejects.toMatchObject({ code: 2 });
  await expect(connect({ keepalive: 0 })).rejects.toThrow();
});

test('a peer that announces a huge packet is cut off, proven or not', async () => {
  const socket = connectSocket(port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', () => resolve('closed')));
  socket.on('error', () => undefined);
  // CONNECT, remaining length 268,435,455.
  socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f, 0x00]));
  expect(await closed).toBe('closed');
  const client = await connect();
  const cut = closing(client);
  client.publish(`${up}/state`, Buffer.alloc(100_000), { qos: 1 });
  expect(await cut).toBe('closed');
  expect(accepted).toEqual([]);
});

test('a new session of the device takes the place of the old one, and what goes down reaches it', async () => {
  const first = await connect();
  const closed = closing(first);
  const second = await connect();
  expect(await closed).toBe('closed');
  const heard = new Promise((resolve) => second.once('message', (topic) => resolve(topic)));
  expect(broker.publish(own, 'ack', '{}')).toBe(true);
  expect(await heard).toBe('towline/v1/main/0123456789/down/ack');
  expect(broker.sessions()).toBe(1);
});

test('connections that never log in take the place of a few only, and of no device that has', async () => {
  const client = await connect();
  const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));
  const silent = Array.from({ length: 5 }, () => connectSocket(port, '127.0.0.1').resume());
  await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  await closed(connectSocket(port, '127.0.0.1').on('error', () => undefined));
  await Promise.all(silent.map((socket) => closed(socket.end())));
  await connectForChanges();
  expect(client.connected).toBe(true);
});

test('a device has one session for its changes beside its own, which it neither displaces nor ends', async () => {
  const client = await connect();
  const first = await connectForChanges();
  const closed = closing(first);
  const second = await connectForChanges();
  expect(await closed).toBe('closed');
  await vi.waitFor(() => expect(broker.sessions()).toBe(2));
  expect([client.connected, second.connected]).toEqual([true, true]);
  await second.endAsync();
  await vi.waitFor(() => expect(broker.sessions()).toBe(1));
  expect(client.connected).toBe(true);
});

test('what goes down on the session of changes is the confirm, and nothing else', async () => {
  const [client, changes] = [await connect(), await connectForChanges()];
  const heard: string[] = [];
  for (const session of [client, changes]) session.on('message', (topic) => heard.push(topic));
  await vi.waitFor(() => expect(broker.publish(own, 'confirm', '{}')).toBe(true));
  expect(broker.publish(own, 'target', '{}')).toBe(true);
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard.sort()).toEqual(['towline/v1/main/0123456789/down/target', 'towline/v1/main/0123456789~change/down/confirm']);
  await changes.endAsync();
  await vi.waitFor(() => expect(broker.mayHear(own, 'confirm')).toBe(false));
  expect(broker.mayHear(own, 'target')).toBe(true);
});

test('the session of changes that says anything but an announce is closed, and nothing of it is taken', async () => {
  for (const topic of [`${up}/state`, `${up}/announce`, 'towline/v1/main/0123456789~change/up/hello']) {
    const changes = await connectForChanges();
    const closed = closing(changes);
    changes.publish(topic, '{}', { qos: 1 });
    expect(await closed).toBe('closed');
  }
  expect(accepted).toEqual([]);
  expect(refused).toEqual(Array.from({ length: 3 }, () => 'device.publish-foreign'));
});

test('the session of changes needs the secret and its own user name, and leaves no last will', async () => {
  const clientId = `${own.device}~change`;
  await expect(connectForChanges({ password: 'of another' })).rejects.toMatchObject({ code: 5 });
  await expect(connect({ clientId })).rejects.toMatchObject({ code: 5 });
  await expect(connect({ username: clientId })).rejects.toMatchObject({ code: 5 });
  await expect(connectForChanges({ clientId: `${own.device}~other`, username: `${own.device}~other` })).rejects.toMatchObject({ code: 5 });
  for (const topic of [`${up}/presence`, 'towline/v1/main/0123456789~change/up/announce']) {
    const will = { topic, payload: Buffer.from('{"connection":1,"online":false}'), qos: 1 as const, retain: false };
    await expect(connectForChanges({ will })).rejects.toMatchObject({ code: 5 });
  }
});

test('a log-in that goes on failing is answered without asking the database', async () => {
  const identity = { clientId: '9876543210', username: '9876543210' };
  for (let count = 0; count < 10; count += 1) await expect(connect(identity)).rejects.toMatchObject({ code: 5 });
  const before = asked;
  await expect(connect(identity)).rejects.toMatchObject({ code: 3 });
  expect([before, asked]).toEqual([10, 10]);
});

test('a device with the right secret gets in from an address where hundreds of others fail', async () => {
  const failing = (index: number) => {
    const id = `f${String(index).padStart(9, '0')}`;
    return connect({ clientId: id, username: id }).catch(({ code }) => code);
  };
  for (let index = 0; index < 600; index += 4) {
    expect(await Promise.all([0, 1, 2, 3].map((step) => failing(index + step)))).toEqual([5, 5, 5, 5]);
  }
  expect((await connect()).connected).toBe(true);
}, 60_000);
