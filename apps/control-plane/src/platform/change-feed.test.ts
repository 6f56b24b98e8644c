import { manualClock, seededRandom, silentLog } from '@towline/kit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { announceChanges, type Change, ChangeFeed, changePayloads } from './change-feed.ts';
import { systemClock } from './clock.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
let feed: ChangeFeed;
beforeAll(async () => {
  database = await createTestDatabase();
  feed = new ChangeFeed({ url: database.url, clock: systemClock, random: seededRandom(1), log: silentLog });
  await feed.start();
});
afterAll(async () => {
  await feed.stop();
  await database.close();
});

const changeOf = (id: string): Change => ({ tenant: 'main', kind: 'device', id });

test('a change is told when its transaction commits, and never when it is undone', async () => {
  const seen: string[] = [];
  const end = feed.subscribe({ onChange: (change) => seen.push(change.id), onGap: () => undefined });
  const undone = database.prisma.$transaction(async (tx) => {
    await announceChanges(tx, [changeOf('undone')]);
    throw new Error('undo');
  });
  await expect(undone).rejects.toThrow('undo');
  await database.prisma.$transaction((tx) => announceChanges(tx, [changeOf('a'), changeOf('b'), changeOf('a')]));
  await vi.waitFor(() => expect(seen).toEqual(['a', 'b']));
  end();
});

test('a cut connection is made again and listeners hear of the gap', async () => {
  let gaps = 0;
  const seen: string[] = [];
  const end = feed.subscribe({ onChange: (change) => seen.push(change.id), onGap: () => (gaps += 1) });
  await database.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'towline-listen-towline_change'
    and datname = current_database()`);
  await vi.waitFor(() => expect(gaps).toBe(1), { timeout: 5000 });
  await database.prisma.$transaction((tx) => announceChanges(tx, [changeOf('after')]));
  await vi.waitFor(() => expect(seen).toEqual(['after']));
  end();
});

test('many changes are split below what one notification may carry', () => {
  const changes = Array.from({ length: 1000 }, (_, index) => changeOf(`device-${index}`));
  const payloads = changePayloads(changes);
  expect(payloads.every((payload) => payload.length < 8000)).toBe(true);
  expect(payloads.flatMap((payload): unknown => JSON.parse(payload))).toEqual(changes);
});

test('with the database away the feed keeps trying on its clock', async () => {
  const clock = manualClock();
  const away = new ChangeFeed({ url: 'postgresql://x:x@127.0.0.1:1/none', clock, random: seededRandom(1), log: silentLog });
  await away.start();
  expect(clock.nextDueMs()).toBeGreaterThan(0);
  await away.stop();
  expect(clock.nextDueMs()).toBeNull();
});
