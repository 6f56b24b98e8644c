import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemIds } from '../platform/clock.ts';
import { createTestDatabase, type TestDatabase } from '../platform/testing/test-database.ts';
import { planPartitions } from './partition-plan.ts';
import { TickerRepository } from './ticker.repository.ts';

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
});
