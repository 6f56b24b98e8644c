import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { refuseTakenPorts } from './refuse-taken-ports.ts';

it('a demo whose port is taken says which, and what to do', async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) =>
    other.listen(0, '127.0.0.1', () => {
      const address = other.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    }),
  );
  const environment = { TOWLINE_HTTP_PORT: String(port), TOWLINE_MQTT_PORT: '0' };
  await expect(refuseTakenPorts(environment)).rejects.toThrow(
    `port ${port} is taken, by another demo perhaps: end that, or set TOWLINE_HTTP_PORT to a free one`,
  );
  await new Promise((resolve) => other.close(resolve));
  await expect(refuseTakenPorts(environment)).resolves.toBeUndefined();
});
