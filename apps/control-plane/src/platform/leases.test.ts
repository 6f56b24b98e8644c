import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Lease } from './leases.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const leaseOf = (holder: string, ttlMs: number, name = 'edge') => new Lease(database.pool, { name, holder, ttlMs });

test('one of two holds a lease and may prolong it, until it lets go', async () => {
  const [first, second] = [leaseOf('a', 60_000), leaseOf('b', 60_000)];
  expect(await first.hold()).toBe(true);
  expect(await second.hold()).toBe(false);
  expect(await first.hold()).toBe(true);
  await second.release();
  expect(await second.hold()).toBe(false);
  await first.release();
  expect(await second.hold()).toBe(true);
});

test('a holder that stays silent loses its lease when it ends', async () => {
  expect(await leaseOf('a', 1, 'short').hold()).toBe(true);
  await vi.waitFor(async () => expect(await leaseOf('b', 60_000, 'short').hold()).toBe(true));
  expect(await leaseOf('a', 60_000, 'short').hold()).toBe(false);
});

test('of many that try at once exactly one wins', async () => {
  const tries = Array.from({ length: 20 }, (_, index) => leaseOf(`p${index}`, 60_000, 'race').hold());
  expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
});
