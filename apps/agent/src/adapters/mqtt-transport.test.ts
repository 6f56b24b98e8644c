import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type AuthenticateError } from 'aedes';
import { afterEach, describe, expect, it } from 'vitest';
import { mqttTransport } from './mqtt-transport.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `mqtt://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

async function broker() {
  const aedes = await Aedes.createBroker();
  aedes.authenticate = (_client, username, password, done) => {
    if (username === '0123456789' && password?.toString() === 'secret') return done(null, true);
    const refusal: AuthenticateError = Object.assign(new Error('unknown'), { returnCode: 5 });
    return done(refusal, false);
  };
  const sockets = new Set<Socket>();
  const ports: (number | undefined)[] = [];
  const server = createServer((socket) => {
    ports.push(socket.remotePort);
    sockets.add(socket);
    aedes.handle(socket);
  });
  const url = await listening(server);
  closing.push(async () => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { aedes, url, ports, cut: () => sockets.forEach((socket) => socket.destroy()) };
}

const request = (url: string, over: { password?: string; timeoutMs?: number } = {}) => ({
  url,
  clientId: '0123456789',
  username: '0123456789',
  password: 'secret',
  keepaliveS: 240,
  timeoutMs: 5_000,
  will: { topic: 'gone', payload: '{"online":false}' },
  ...over,
});

const heard = (aedes: Aedes, topic: string) =>
  new Promise<string>((resolve) => void aedes.on('publish', (packet) => packet.topic === topic && resolve(packet.payload.toString())));

describe('the MQTT transport, in front of a real broker', () => {
  it('ends a try that nobody wants any more at once, and says that there is no session', async () => {
    const silent = createServer();
    const reached = new Promise<Socket>((resolve) => silent.on('connection', resolve));
    const url = await listening(silent);
    const abort = new AbortController();
    const trying = mqttTransport.connect({ ...request(url, { timeoutMs: 60_000 }), signal: abort.signal });
    const socket = await reached;
    closing.push(async () => {
      socket.destroy();
      await new Promise<void>((resolve) => silent.close(() => resolve()));
    });
    abort.abort();
    await expect(trying).rejects.toMatchObject({ code: 'link.unreachable' });
  });

  it('leaves by the ports of a bearer where one is named', async () => {
    const { url, ports } = await broker();
    const path = { bearer: 'wwan0 10.64.0.2', ports: { first: 61_440, last: 61_447 }, resolvers: [] };
    const session = await mqttTransport.connect({ ...request(url), path });
    await session.close();
    expect(ports).toHaveLength(1);
    expect(ports[0]).toBeGreaterThanOrEqual(61_440);
    expect(ports[0]).toBeLessThanOrEqual(61_447);
  });

  it('publishes, subscribes and hears', async () => {
    const { aedes, url } = await broker();
    const session = await mqttTransport.connect(request(url));
    const up = heard(aedes, 'up');
    await session.publish('up', 'hello');
    expect(await up).toBe('hello');
    const down = new Promise<string>((resolve) => session.onMessage((topic, payload) => resolve(`${topic} ${payload}`)));
    await session.subscribe('down/+');
    aedes.publish({ cmd: 'publish', topic: 'down/target', payload: 'x', qos: 1, retain: false, dup: false }, () => {});
    expect(await down).toBe('down/target x');
    await session.close();
  });

  it('tells wrong credentials from a broker that is not there', async () => {
    const { url } = await broker();
    await expect(mqttTransport.connect(request(url, { password: 'wrong' }))).rejects.toMatchObject({ code: 'link.refused' });
    await expect(mqttTransport.connect(request('mqtt://127.0.0.1:9'))).rejects.toMatchObject({ code: 'link.unreachable' });
  });

  it('gives a broker up that takes the connection and says nothing', async () => {
    const held: Socket[] = [];
    const server = createServer((socket) => void held.push(socket));
    const url = await listening(server);
    closing.push(async () => {
      for (const socket of held) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    });
    await expect(mqttTransport.connect(request(url, { timeoutMs: 200 }))).rejects.toMatchObject({ code: 'link.unreachable' });
  });

  it('leaves its will when it is cut off, tells of the end once, and refuses to publish after it', async () => {
    const { aedes, url, cut } = await broker();
    const session = await mqttTransport.connect(request(url));
    const ends: string[] = [];
    const closed = new Promise<string>((resolve) => session.onClose((code) => resolve(String(ends.push(code)))));
    const will = heard(aedes, 'gone');
    cut();
    await closed;
    expect(await will).toBe('{"online":false}');
    await expect(session.publish('up', 'x')).rejects.toMatchObject({ code: 'link.closed' });
    expect(ends).toHaveLength(1);
  });

  it('settles a publish that is on its way when the session ends', async () => {
    const { aedes, url, cut } = await broker();
    aedes.authorizePublish = () => cut();
    const session = await mqttTransport.connect(request(url));
    await expect(session.publish('up', 'x')).rejects.toMatchObject({ code: 'link.closed' });
  });

  it('ends although the broker has stopped answering', async () => {
    const { aedes, url } = await broker();
    aedes.authorizePublish = () => {};
    const session = await mqttTransport.connect(request(url));
    const publish = expect(session.publish('up', 'x')).rejects.toMatchObject({ code: 'link.closed' });
    await session.close();
    await publish;
  });
});
