import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { Fault } from '@towline/kit';

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Fault('test.no-port', 'no port to be had');
  return address.port;
}

/** Ports of 127.0.0.1 that were free a moment ago; all different, as all are held until the last one is known. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map(portOf);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
