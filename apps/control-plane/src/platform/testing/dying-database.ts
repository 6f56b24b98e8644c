import { PrismaPg } from '@prisma/adapter-pg';
import { silentLog } from '@towline/kit';
import { PrismaClient } from '../../generated/prisma/client.ts';
import { type Database, openPool } from '../database.ts';
import type { DoomedLife } from './doomed-life.ts';

/** In pg_stat_activity: by it others see when Postgres has noticed a death. */
export const dyingName = 'towline-dying';

/** The connections of a process that lives this life. */
export function openDyingDatabase(url: string, life: DoomedLife): Database {
  const pool = life.watch(openPool({ url, applicationName: dyingName, connections: 2, log: silentLog }));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    prisma,
    pool,
    async close() {
      // What died gives nothing back: waiting for it would never end.
      if (life.dead) return;
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
