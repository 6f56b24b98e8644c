import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemIds } from './clock.ts';
import { migrate, migrationsDir } from './migrate.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'towline-migrations-'));
  cpSync(migrationsDir, folder, { recursive: true });
  return () => rmSync(folder, { recursive: true, force: true });
});

function write(name: string, sql: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'migration.sql'), sql);
}
const run = () => migrate({ url: database.url, ids: systemIds, folder });

test('a migrated database has nothing to do, and a new migration is applied once by whoever comes first', async () => {
  expect(await run()).toEqual([]);
  write('20300101000000_more', 'create table more (id int); insert into more values (1);');
  const applied = await Promise.all([run(), run(), run()]);
  expect(applied.flat()).toEqual(['20300101000000_more']);
  expect((await database.pool.query('select * from more')).rowCount).toBe(1);
  // For the tests below, which know nothing of it.
  await database.pool.query(`drop table more; delete from _prisma_migrations where migration_name like '2030%'`);
});

test('a failing migration is undone whole and named', async () => {
  write('20300101000000_bad', 'create table half (id int); select 1 / 0;');
  await expect(run()).rejects.toMatchObject({ code: 'migration.failed' });
  expect((await database.pool.query(`select to_regclass('half') as half`)).rows).toEqual([{ half: null }]);
});

test('a migration that was changed after it was applied is refused', async () => {
  write('20261121000000_init', 'select 1');
  await expect(run()).rejects.toMatchObject({ code: 'migration.changed' });
});

test('a database ahead of this program is refused', async () => {
  rmSync(join(folder, '20261121000000_init'), { recursive: true });
  await expect(run()).rejects.toMatchObject({ code: 'migration.newer' });
});
