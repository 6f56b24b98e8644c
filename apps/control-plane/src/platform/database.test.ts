import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Longer than the five seconds after which Prisma, left to itself, gives a transaction up. */
const heldMs = 5500;

it('lets a transaction wait its turn behind a lock for as long as any statement may take', { timeout: 15_000 }, async () => {
  const locker = await database.pool.connect();
  await locker.query('begin');
  await locker.query('lock table site in access exclusive mode');
  const counted = database.prisma.$transaction((tx) => tx.site.count());
  systemClock.schedule(heldMs, () => void locker.query('commit').then(() => locker.release()));
  expect(await counted).toBe(0);
});
