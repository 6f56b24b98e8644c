import { silentLog } from '@towline/kit';
import { systemClock } from '../clock.ts';
import { startLocalPostgres } from '../local-postgres/local-postgres.ts';

/** A supervisor as far as Postgres goes: `node hold-local-postgres.ts DIR PORT` starts it, says so, and ends it on SIGTERM. */
const [dataDir = '', port = ''] = process.argv.slice(2);
const server = await startLocalPostgres({ dataDir, port: Number(port), clock: systemClock, log: silentLog, settings: ['fsync=off'] });
process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid(), adopted: server.adopted })}\n`);
