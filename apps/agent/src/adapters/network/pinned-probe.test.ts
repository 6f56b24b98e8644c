import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeHost } from '../../testing/fake-host.ts';
import { pinnedProbe } from './pinned-probe.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const nobody = { host: '127.0.0.1', port: 9 };
const request = {
  interface: 'lo',
  ports: { first: 61_448, last: 61_503 },
  resolvers: [],
  gateways: [],
  endpoint: null,
  ping: null,
};

describe('a probe of a bearer', () => {
  it('reaches the endpoint from the ports of the bearer', async () => {
    const server = createServer((socket) => socket.on('error', () => {}));
    const seen: (number | undefined)[] = [];
    server.on('connection', (socket) => seen.push(socket.remotePort));
    closing.push(() => server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const report = await pinnedProbe(fakeHost().processes).probe({ ...request, endpoint: { host: '127.0.0.1', port } });
    expect(report).toEqual({ tcp: 'connected', dns: 'untried', ping: 'untried', evidence: [`TCP 127.0.0.1:${port}: connected`] });
    expect(seen[0]).toBeGreaterThanOrEqual(61_448);
    expect(seen[0]).toBeLessThanOrEqual(61_503);
  });

  it('counts a refusal as an answer: something at the other end said no', async () => {
    expect(await pinnedProbe(fakeHost().processes).probe({ ...request, endpoint: nobody })).toMatchObject({ tcp: 'refused' });
  });

  it('asks no resolver that is the module itself', async () => {
    const module = createSocket('udp4');
    closing.push(() => module.close());
    module.bind(0, '127.0.0.1');
    await once(module, 'listening');
    const report = await pinnedProbe(fakeHost().processes).probe({ ...request, resolvers: ['127.0.0.1'], gateways: ['127.0.0.1'] });
    expect(report).toMatchObject({ dns: 'untried', evidence: ['no endpoint to reach', 'no resolver of the operator to ask'] });
  });

  it('knows no name without a resolver', async () => {
    const endpoint = { host: 'fleet.example', port: 1883 };
    expect(await pinnedProbe(fakeHost().processes).probe({ ...request, endpoint })).toMatchObject({ tcp: 'silent' });
  });
});
