import { manualClock, silentLog } from '@towline/kit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemIds } from '../platform/clock.ts';
import { Lease } from '../platform/leases.ts';
import { createTestDatabase, type TestDatabase } from '../platform/testing/test-database.ts';
import { planPartitions } from './partition-plan.ts';
import { TickerRepository } from './ticker.repository.ts';
import { Ticker } from './ticker.ts';

let database: TestDatabase;
let ticker: TickerRepository;
beforeAll(async () => {
  database = await createTestDatabase();
  ticker = new TickerRepository(database.pool);
});
afterAll(() => database.close());

const tenantId = 'main';
const now = Date.now();
const hoursAgo = (hours: number) => new Date(now - hours * 3_600_000);

async function addDevice(id: string, fields: { online: boolean; lastSeenAt: Date }): Promise<void> {
  await database.prisma.device.create({ data: { tenantId, id, name: id, tags: [], ...fields } });
}

describe('the ticker', () => {
  it('expires jobs that no device took in their time, and fails those that a device took and never ended', async () => {
    await addDevice('aaaaaaaaaa', { online: true, lastSeenAt: hoursAgo(0) });
    const job = { tenantId, deviceId: 'aaaaaaaaaa', order: { kind: 'refresh' }, createdBy: systemIds.uuid() };
    const [late, silent, waiting] = [systemIds.uuid(), systemIds.uuid(), systemIds.uuid()];
    await database.prisma.job.createMany({
      data: [
        { ...job, id: late, expiresAt: hoursAgo(1) },
        { ...job, id: silent, state: 'accepted', expiresAt: hoursAgo(30), updatedAt: hoursAgo(30) },
        { ...job, id: waiting, expiresAt: hoursAgo(-1) },
      ],
    });
    expect(await ticker.expireJobs()).toBe(1);
    expect(await ticker.failSilentJobs(24)).toBe(1);
    expect(await ticker.expireJobs()).toBe(0);
    const states = await database.prisma.job.findMany({ select: { id: true, state: true } });
    expect(new Map(states.map(({ id, state }) => [id, state]))).toEqual(
      new Map([
        [late, 'expired'],
        [silent, 'failed'],
        [waiting, 'queued'],
      ]),
    );
  });

  it('marks a device offline that was silent for longer than any beat, and no other', async () => {
    await addDevice('bbbbbbbbbb', { online: true, lastSeenAt: hoursAgo(4) });
    expect(await ticker.markSilentDevices(3)).toBe(1);
    const online = await database.prisma.device.findMany({ where: { online: true }, select: { id: true } });
    expect(online).toEqual([{ id: 'aaaaaaaaaa' }]);
  });

  it('makes days ahead, takes over what waited in the default partition, and drops days beyond the retention', async () => {
    const insert = (at: Date) =>
      database.pool.query(
        `insert into telemetry (tenant_id, device_id, at, epoch, sequence, index, modem, clock, device_time, received_at)
         values ('main', 'aaaaaaaaaa', $1, 'abcd1234', 1, 0, 'm', 'right', $1, $1)`,
        [at],
      );
    await insert(new Date(now));
    await ticker.carryOut(planPartitions(await ticker.partitions(), now, 3));
    expect((await database.pool.query('select count(*)::int as rows from telemetry_default')).rows).toEqual([{ rows: 0 }]);
    expect((await database.pool.query('select count(*)::int as rows from telemetry')).rows).toEqual([{ rows: 1 }]);
    expect(planPartitions(await ticker.partitions(), now, 3)).toEqual({ make: [], drop: [] });
    const later = now + 10 * 86_400_000;
    await ticker.carryOut(planPartitions(await ticker.partitions(), later, 3));
    expect((await database.pool.query('select count(*)::int as rows from telemetry')).rows).toEqual([{ rows: 0 }]);
  });

  it('lets nobody wait long behind a partition that somebody reads, and drops it later', async () => {
    const later = now + 30 * 86_400_000;
    const plan = async () => planPartitions(await ticker.partitions(), later, 3);
    await ticker.carryOut({ make: (await plan()).make, drop: [] });
    const { drop } = await plan();
    expect(drop.length).toBeGreaterThan(0);
    const reader = await database.pool.connect();
    await reader.query('begin');
    await reader.query('select count(*) from telemetry');
    expect(await ticker.carryOut({ make: [], drop })).toEqual(drop);
    await reader.query('commit');
    reader.release();
    expect(await ticker.carryOut({ make: [], drop })).toEqual([]);
    expect((await plan()).drop).toEqual([]);
  });

  it('prunes what is beyond its retention, each kind by its own, and no more', async () => {
    const { prisma } = database;
    const daysOld = (days: number) => hoursAgo(days * 24);
    const events = { tenantId, code: 'test.event', severity: 'info', evidence: [], clock: 'right', at: daysOld(0) };
    await prisma.event.createMany({ data: [40, 20].map((days) => ({ ...events, receivedAt: daysOld(days) })) });
    const audit = { tenantId, actor: 'system', action: 'test.prune', subject: 'x', details: {} };
    await prisma.auditEntry.createMany({ data: [400, 40].map((days) => ({ ...audit, at: daysOld(days) })) });
    const job = { tenantId, deviceId: 'aaaaaaaaaa', order: { kind: 'refresh' }, createdBy: systemIds.uuid(), expiresAt: daysOld(400) };
    const [ended, open] = [systemIds.uuid(), systemIds.uuid()];
    await prisma.job.createMany({
      data: [
        { ...job, id: ended, state: 'succeeded' },
        { ...job, id: open, state: 'running' },
      ],
    });
    const retention = { telemetryDays: 30, auditDays: 365 };
    expect(await ticker.prune(retention)).toBe(3);
    expect(await ticker.prune(retention)).toBe(0);
    expect(await prisma.event.count()).toBe(1);
    expect(await prisma.auditEntry.count({ where: { action: 'test.prune' } })).toBe(1);
    expect(await prisma.job.count({ where: { id: { in: [ended, open] } } })).toBe(1);
  });

  it('does in one turn what has piled up: a fleet that went silent', async () => {
    const ids = Array.from({ length: 1300 }, (_, index) => `s${String(index).padStart(9, '0')}`);
    const silent = { tenantId, tags: [], online: true, lastSeenAt: hoursAgo(4) };
    await database.prisma.device.createMany({ data: ids.map((id) => ({ ...silent, id, name: id })) });
    const clock = manualClock(now);
    const partitionLease = new Lease(database.pool, { name: 'telemetry-partitions', holder: 'test', ttlMs: 60_000 });
    const retention = { telemetryDays: 30, auditDays: 365 };
    const drift = { look: () => Promise.resolve(0), mend: () => Promise.resolve(0) };
    const growth = { grow: () => Promise.resolve(0) };
    const duties = new Ticker({ repository: ticker, drift, growth, partitionLease, clock, log: silentLog, retention });
    const online = () => database.prisma.device.count({ where: { id: { startsWith: 's' }, online: true } });
    await duties.start();
    expect(await online()).toBe(800);
    await clock.advance(60_000);
    await vi.waitFor(async () => expect(await online()).toBe(0));
    await duties.stop();
  });
});
