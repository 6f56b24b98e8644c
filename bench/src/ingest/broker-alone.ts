/** The embedded broker with nothing behind it, a process of its own: what ingest is measured against. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Aedes } from 'aedes';

// As many messages at once as the control plane lets it handle.
const broker = await Aedes.createBroker({ concurrency: 1000 });
broker.authenticate = (_client, _username, _password, done) => done(null, true);
const server = createServer(broker.handle).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
process.send?.({ port: typeof address === 'object' ? address?.port : null });
process.once('SIGTERM', () => process.exit(0));
