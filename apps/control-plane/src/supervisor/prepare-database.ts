import { firstStart } from '../operators/first-start.ts';
import { firstTokenFile, firstTokenLine, keepFirstToken } from '../operators/first-token.ts';
import { systemIds } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { openDatabase } from '../platform/database.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { migrate } from '../platform/migrate.ts';

/**
 * Brings the database to this version and makes the first operator, whose token goes into a file of the data directory.
 * @returns what to tell a person of that token, once in a database's life
 */
export async function prepareDatabase(config: Config, databaseUrl: string, log: ControlPlaneLog): Promise<string | null> {
  for (const name of await migrate({ url: databaseUrl, ids: systemIds })) log.info('migration.applied', { name });
  const database = openDatabase({ url: databaseUrl, applicationName: 'towline-first-start', connections: 1, log });
  const file = firstTokenFile(config.dataDir);
  try {
    const token = await firstStart(database, systemIds, (made) => keepFirstToken(file, made));
    if (token === null) return null;
    log.info('first-start.done', { file });
    return firstTokenLine({ token, file }, process.stdout.isTTY);
  } finally {
    await database.close();
  }
}
