import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { systemClock, systemIds, systemRandom } from '../platform/clock.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { createSealer } from '../platform/sealer.ts';
import { createTestDatabase, type TestDatabase } from '../platform/testing/test-database.ts';
import { sealTarget } from '../targets/sealed-target.ts';
import { OutboxPublisher } from './outbox-publisher.ts';

const tenantId = 'main';
const sealer = createSealer(randomBytes(32));
let database: TestDatabase;
/** With a time-out that the client keeps, short enough for a test. */
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 2, query_timeout: 300 });
  pool.on('error', () => undefined);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

async function addTarget(deviceId: string, by = sealer): Promise<void> {
  const [policyId, createdBy] = [systemIds.uuid(), systemIds.uuid()];
  const { prisma } = database;
  await prisma.tenant.upsert({ where: { id: tenantId }, create: { id: tenantId, name: tenantId }, update: {} });
  await prisma.device.create({ data: { tenantId, id: deviceId, name: deviceId, tags: [] } });
  await prisma.apnPolicy.create({ data: { tenantId, id: policyId, name: policyId } });
  await prisma.apnPolicyVersion.create({ data: { tenantId, policyId, version: 1, document: {}, createdBy } });
  const document = sealTarget({ salt: randomBytes(12).toString('hex'), policy: { id: policyId, version: 1 }, rules: [] }, by);
  const version = { epoch: 1, number: 1, digest: 'a'.repeat(64), policyId, policyVersion: 1, assignedBy: createdBy };
  await prisma.target.create({ data: { tenantId, deviceId, ...version, document } });
  await prisma.outbox.create({ data: { tenantId, deviceId, channel: 'target' } });
}

/** Publishes what the outbox holds. @param onFailed told of each line about a failure */
function startPublisher(onFailed: () => void): { published: string[]; publisher: OutboxPublisher } {
  const published: string[] = [];
  const note = () => undefined;
  const log: ControlPlaneLog = { info: note, warn: onFailed, error: onFailed };
  const broker = {
    ready: () => true,
    mayHear: () => true,
    publish: ({ device }: { device: string }) => published.push(device) > 0,
  };
  const publisher = new OutboxPublisher({ pool, broker, sealer, clock: systemClock, random: systemRandom, log });
  publisher.start();
  return { published, publisher };
}

const notes = () => database.prisma.outbox.count();

it("keeps a note whose row the database's client could not read in time, and sends it later", async () => {
  await addTarget('aaaaaaaaaa');
  const locker = await database.pool.connect();
  await locker.query('begin');
  await locker.query('lock table target in access exclusive mode');
  const failures: string[] = [];
  const { published, publisher } = startPublisher(() => {
    if (failures.push('failed') === 1) void locker.query('rollback');
  });
  await vi.waitFor(() => expect(published).toEqual(['aaaaaaaaaa']), { timeout: 10_000 });
  await publisher.stop();
  locker.release();
  expect(failures.length).toBeGreaterThan(0);
  expect(await notes()).toBe(0);
});

it('passes by what was sealed with another key, and sends what comes after it', async () => {
  await addTarget('bbbbbbbbbb', createSealer(randomBytes(32)));
  await addTarget('cccccccccc');
  const { published, publisher } = startPublisher(() => undefined);
  await vi.waitFor(async () => expect(await notes()).toBe(0), { timeout: 10_000 });
  await publisher.stop();
  expect(published).toEqual(['cccccccccc']);
});

it('sends a batch of many kinds in the order of its notes', async () => {
  await addTarget('dddddddddd');
  const change = { change: 'abcdefgh', changeNonce: 'nonce-of-16-chars', confirmedAt: new Date() };
  await database.prisma.target.updateMany({ where: { deviceId: 'dddddddddd' }, data: change });
  await addTarget('eeeeeeeeee');
  const late = { tenantId, deviceId: 'dddddddddd', channel: 'confirm' };
  await database.prisma.outbox.createMany({
    data: [
      { ...late, subject: 'abcdefgh' },
      { ...late, subject: 'replaced' },
    ],
  });
  const { published, publisher } = startPublisher(() => undefined);
  await vi.waitFor(async () => expect(await notes()).toBe(0), { timeout: 10_000 });
  await publisher.stop();
  expect(published).toEqual(['dddddddddd', 'eeeeeeeeee', 'dddddddddd']);
});
