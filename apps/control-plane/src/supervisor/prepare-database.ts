import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstStart } from '../operators/first-start.ts';
import { systemIds } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { openDatabase } from '../platform/database.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { migrate } from '../platform/migrate.ts';

/** Brings the database to this version and makes the first operator. @returns that operator's token, once in a database's life */
export async function prepareDatabase(config: Config, databaseUrl: string, log: ControlPlaneLog): Promise<string | null> {
  for (const name of await migrate({ url: databaseUrl, ids: systemIds })) log.info('migration.applied', { name });
  const database = openDatabase({ url: databaseUrl, applicationName: 'towline-first-start', connections: 1, log });
  try {
    const token = await firstStart(database, systemIds);
    if (token === null) return null;
    mkdirSync(config.dataDir, { recursive: true });
    writeFileSync(join(config.dataDir, 'first-token'), `${token}\n`, { mode: 0o600 });
    log.info('first-start.done', { file: join(config.dataDir, 'first-token') });
    return token;
  } finally {
    await database.close();
  }
}
