/** The embedded broker with nothing behind it, a process of its own: what ingest is measured against. */
import { createServer } from 'node:net';
import { Aedes } from 'aedes';

const broker = await Aedes.createBroker({ concurrency: 1000 });
broker.authenticate = (_client, _username, _password, done) => done(null, true);
const server = createServer(broker.handle);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) process.send?.({ port: address.port });
});
process.once('SIGTERM', () => process.exit(0));
