/**
 * Whether prisma/schema.prisma says the same as the migrations: an edit of one without the other must not pass.
 * Starts a Postgres of its own and lets Prisma compare. Exit code 1 and the difference when they disagree.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLog } from '@towline/kit';
import { systemClock } from '../src/platform/clock.ts';
import { startLocalPostgres } from '../src/platform/local-postgres/local-postgres.ts';
import { freePort } from '../src/platform/testing/free-port.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const words = ['migrate', 'diff', '--from-migrations', 'prisma/migrations', '--to-schema', 'prisma/schema.prisma', '--exit-code'];

function compare(url: string): { agree: boolean; text: string } {
  const engine = fileURLToPath(new URL('../../../tools/schema-engine.mjs', import.meta.url));
  const env = { ...process.env, DATABASE_URL: url, PRISMA_SCHEMA_ENGINE_BINARY: engine, CHECKPOINT_DISABLE: '1' };
  const { status, stdout, stderr } = spawnSync('prisma', words, { cwd: folder, env, encoding: 'utf8', timeout: 120_000 });
  // The status alone would not do: a command line whose engine dies under it ends with 0.
  return { agree: status === 0 && stdout.includes('No difference detected'), text: `${stdout}${stderr}` };
}

const dataDir = mkdtempSync(join(tmpdir(), 'towline-schema-'));
// As root the server runs under another account, and its data would go elsewhere, where nobody clears up.
chmodSync(dataDir, 0o755);
const server = await startLocalPostgres({ dataDir, port: await freePort(), clock: systemClock, log: silentLog, settings: ['fsync=off'] });
const { agree, text } = compare(server.url);
await server.stop();
rmSync(dataDir, { recursive: true, force: true });
if (!agree) console.error(`schema.prisma and the migrations disagree:\n${text}`);
process.exitCode = agree ? 0 : 1;
