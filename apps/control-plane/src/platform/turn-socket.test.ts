import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { TurnSocket } from './turn-socket.ts';

const server = createServer();
afterEach(() => server.close());

it('keeps what is written in one turn together, and sends it off by itself', async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const socket = new TurnSocket();
  socket.connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1');
  const [[peer]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  for (const statement of ['one', 'two']) {
    socket.cork();
    socket.write(statement);
    socket.uncork();
  }
  expect(socket.writableLength).toBe('onetwo'.length);
  const [arrived] = await once(peer, 'data');
  expect(String(arrived)).toBe('onetwo');
  socket.destroy();
});
