import { silentLog } from '@towline/kit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openPool } from './database.ts';
import { Lease } from './leases.ts';
import { DoomedLife } from './testing/doomed-life.ts';
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

test.each((['asked', 'answered'] as const).flatMap((before) => [1, 2, 3].map((at) => [at, before] as const)))(
  'a holder that dies at its statement %i, before it is %s, keeps the next one waiting for no longer than the lease',
  async (at, before) => {
    const life = new DoomedLife({ at, before, ends: 'process' });
    const pool = life.watch(openPool({ url: database.url, applicationName: 'towline-dying', connections: 1, log: silentLog }));
    const ttlMs = 300;
    const name = `doom-${at}-${before}`;
    const dying = new Lease(pool, { name, holder: 'a', ttlMs });
    const next = leaseOf('b', 60_000, name);
    let heldUntilMs = 0;
    const live = async () => {
      for (let turn = 0; turn < 2; turn += 1) {
        const untilMs = performance.now() + ttlMs;
        if (await dying.hold()) heldUntilMs = untilMs;
      }
      heldUntilMs = 0;
      await dying.release();
    };
    await expect(live()).rejects.toMatchObject({ code: 'test.connection-lost' });
    await vi.waitFor(async () => expect(await next.hold()).toBe(true));
    expect(performance.now()).toBeGreaterThanOrEqual(heldUntilMs);
  },
);
