import { PrismaPg } from '@prisma/adapter-pg';
import { Fault, silentLog } from '@towline/kit';
import type { ClientBase } from 'pg';
import { PrismaClient } from '../../generated/prisma/client.ts';
import { type Database, openPool } from '../database.ts';

export interface DyingDatabase extends Database {
  /** Whether the death has come. */
  isDead(): boolean;
}

/**
 * A process's connections, which end for good before its n-th statement, from 1, reaches Postgres: as when it is killed there. After one
 * statement is before the next, so all places are tried when all numbers are.
 */
export function openDyingDatabase(url: string, at: number): DyingDatabase {
  let statements = 0;
  let dead = false;
  const die = (client: ClientBase & { end?: () => Promise<void> }): never => {
    dead = true;
    void client.end?.().catch(() => undefined);
    throw new Fault('test.killed', `at statement ${at}`);
  };
  const pool = openPool({ url, applicationName: 'towline-dying', connections: 2, log: silentLog });
  pool.on('connect', (client) => {
    const query: unknown = Reflect.get(client, 'query');
    if (typeof query !== 'function') throw new Fault('test.no-query', 'a client of pg has no query');
    const perform = async (statement: readonly unknown[]): Promise<unknown> => {
      if (dead) return die(client);
      statements += 1;
      if (statements === at) return die(client);
      const result: unknown = await Reflect.apply(query, client, statement);
      return result;
    };
    // The pool itself asks with a callback.
    const dying = (...statement: unknown[]): Promise<unknown> | undefined => {
      const told = statement.at(-1);
      if (typeof told !== 'function') return perform(statement);
      void perform(statement.slice(0, -1)).then(
        (result) => Reflect.apply(told, null, [null, result]),
        (error: unknown) => Reflect.apply(told, null, [error]),
      );
      return undefined;
    };
    Object.defineProperty(client, 'query', { value: dying });
  });
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    prisma,
    pool,
    isDead: () => dead,
    async close() {
      // What died gives nothing back: waiting for it would never end.
      if (!dead) await prisma.$disconnect();
      if (!dead) await pool.end();
    },
  };
}
