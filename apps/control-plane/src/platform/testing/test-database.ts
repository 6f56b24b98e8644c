import { silentLog } from '@towline/kit';
import { Client } from 'pg';
import { inject } from 'vitest';
import { systemIds } from '../clock.ts';
import { type Database, openDatabase } from '../database.ts';

export interface TestDatabase extends Database {
  readonly url: string;
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A migrated, empty database of this test file's own. `close()` drops it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${systemIds.uuid().replaceAll('-', '')}`;
  await onServer(`create database ${name} template towline_template`);
  const url = inject('postgresUrl').replace(/\/postgres$/, `/${name}`);
  const database = openDatabase({ url, applicationName: 'towline-test', connections: 8, log: silentLog });
  return {
    ...database,
    url,
    async close() {
      await database.close();
      await onServer(`drop database ${name} with (force)`);
    },
  };
}
