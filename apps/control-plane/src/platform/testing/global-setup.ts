import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@towline/kit';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { systemClock, systemIds } from '../clock.ts';
import { startLocalPostgres } from '../local-postgres/local-postgres.ts';
import { migrate } from '../migrate.ts';
import { freePort } from './free-port.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the run's own Postgres, its maintenance database. */
    postgresUrl: string;
  }
}

/** Migrated once; each test file clones it. */
export const templateDatabase = 'towline_template';

/** Nothing of a test survives its run, so nothing needs to reach the disk. */
const fast = ['fsync=off', 'full_page_writes=off', 'max_connections=200', 'shared_buffers=64MB'];

/** One Postgres a run, on a free port, gone with the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'towline-test-'));
  // As root the server runs under another account, and its data would go elsewhere, where nobody clears up.
  chmodSync(dataDir, 0o755);
  const server = await startLocalPostgres({ dataDir, port: await freePort(), clock: systemClock, log: silentLog, settings: fast });
  const url = server.url.replace(/\/towline$/, '/postgres');
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${templateDatabase}`);
  await client.end();
  await migrate({ url: url.replace(/\/postgres$/, `/${templateDatabase}`), ids: systemIds });
  project.provide('postgresUrl', url);
  return async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
