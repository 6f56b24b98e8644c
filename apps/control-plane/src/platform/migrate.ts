import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault, faultText } from '@towline/kit';
import { Client } from 'pg';
import type { Ids } from './clock.ts';

/** prisma/migrations of this package; the same way from src/ and from dist/. */
export const migrationsDir = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** The advisory lock and the table are those of `prisma migrate deploy`, so that both tools believe each other. */
const prismaLockKey = 72_707_369;
const createJournal = `create table if not exists _prisma_migrations (
  id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz, migration_name varchar(255) not null,
  logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0)`;

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the script, hexadecimal. */
  readonly checksum: string;
}

export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

/** Every migration of a folder, in the order of their names. */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

/**
 * What is still to be applied.
 * @throws Fault `migration.failed-earlier`, `migration.changed`, or `migration.newer` (the database is ahead of this program).
 */
export function pendingMigrations(known: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  for (const { name, checksum, finished } of applied) {
    if (!finished) throw new Fault('migration.failed-earlier', `migration ${name} failed earlier: repair it, then prisma migrate resolve`);
    const script = known.find((migration) => migration.name === name);
    if (!script)
      throw new Fault('migration.newer', `the database has migration ${name}, which this version does not know: run a newer version`);
    if (script.checksum !== checksum) throw new Fault('migration.changed', `migration ${name} was changed after it was applied`);
  }
  return known.filter(({ name }) => !applied.some((migration) => migration.name === name));
}

async function readApplied(client: Client): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(
    `select migration_name as name, checksum, finished_at is not null as finished
       from _prisma_migrations where rolled_back_at is null`,
  );
  return rows;
}

async function apply(client: Client, migration: Migration, id: string): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) values ($1, $2, $3, now(), 1)`,
      [id, migration.checksum, migration.name],
    );
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    throw new Fault('migration.failed', `migration ${migration.name} failed and was undone: ${faultText(cause)}`, { cause });
  }
}

export interface MigrateOptions {
  readonly url: string;
  readonly ids: Ids;
  readonly folder?: string;
}

/**
 * Brings the database to this version, each migration in a transaction of its own; several processes may try at once.
 * @returns the names of the migrations applied now
 */
export async function migrate({ url, ids, folder = migrationsDir }: MigrateOptions): Promise<string[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: 'towline-migrate' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [prismaLockKey]);
    await client.query(createJournal);
    const pending = pendingMigrations(readMigrations(folder), await readApplied(client));
    for (const migration of pending) await apply(client, migration, ids.uuid());
    return pending.map(({ name }) => name);
  } finally {
    await client.end().catch(() => undefined);
  }
}
