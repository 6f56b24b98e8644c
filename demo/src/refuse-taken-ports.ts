import { createServer } from 'node:net';
import { Fault } from '@towline/kit';

/** What the demo is reached at, by the settings that move it. */
const ports = { TOWLINE_HTTP_PORT: 8080, TOWLINE_MQTT_PORT: 1883 } as const;

const isTaken = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });

/**
 * Looks before anything is touched: another demo of this directory has its log and its Postgres there.
 * @throws Fault `demo.port-taken`
 */
export async function refuseTakenPorts(environment: NodeJS.ProcessEnv): Promise<void> {
  for (const [name, usual] of Object.entries(ports)) {
    const port = Number(environment[name] ?? usual);
    if (await isTaken(port))
      throw new Fault('demo.port-taken', `port ${port} is taken, by another demo perhaps: end that, or set ${name} to a free one`);
  }
}
