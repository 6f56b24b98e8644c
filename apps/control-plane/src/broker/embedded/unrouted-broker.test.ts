import { once } from 'node:events';
import { createServer } from 'node:net';
import { connectAsync } from 'mqtt';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { UnroutedBroker } from './unrouted-broker.ts';

afterEach(() => void vi.useRealTimers());

const hourMs = 60 * 60_000;

/** A broker, and a session with a last will; what is handed on, by topic. */
async function session() {
  const handedOn: string[] = [];
  const broker = new UnroutedBroker({
    authorizePublish: (_client, { topic }, done) => {
      handedOn.push(topic);
      done(null);
    },
  });
  await broker.listen();
  const server = createServer((socket) => void broker.handle(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const will = { topic: 'gone', payload: Buffer.from('{}'), qos: 1, retain: false } as const;
  const client = await connectAsync({ host: '127.0.0.1', port, clientId: 'gateway', keepalive: 0, reconnectPeriod: 0, will });
  onTestFinished(async () => {
    await client.endAsync(true);
    await new Promise<void>((resolve) => broker.close(resolve));
    server.close();
  });
  return { client, handedOn };
}

it.each([
  ['for weeks', { jumpMs: 0 }],
  ['though the clock jumps by a day', { jumpMs: 24 * hourMs }],
])('keeps the last will of a session that goes on %s, and hands it on when it breaks off', async (_what, { jumpMs }) => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  const { client, handedOn } = await session();
  await vi.advanceTimersByTimeAsync(95 * hourMs);
  vi.setSystemTime(Date.now() + jumpMs);
  await vi.advanceTimersByTimeAsync(21 * 24 * hourMs);
  expect(handedOn).toEqual([]);
  client.stream.destroy();
  await vi.waitFor(() => expect(handedOn).toEqual(['gone']));
});

it('answers subscriptions, one that replaces another too, and their end', async () => {
  const { client } = await session();
  for (const qos of [1, 0] as const) expect(await client.subscribeAsync('down/+', { qos })).toMatchObject([{ topic: 'down/+', qos }]);
  await client.unsubscribeAsync('down/+');
});
