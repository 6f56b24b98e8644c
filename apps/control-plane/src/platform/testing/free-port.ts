import { createServer } from 'node:net';
import { Fault } from '@towline/kit';

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : null;
      probe.close(() => (port === null ? reject(new Fault('test.no-port', 'no port to be had')) : resolve(port)));
    });
  });
}
