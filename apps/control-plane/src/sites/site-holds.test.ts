import { assignmentSchema, jobSchema, problemSchema, siteSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice, addPolicy } from '../api/testing/fleet.ts';
import { readDown } from '../outbox/down-messages.repository.ts';
import type { DownNote } from '../outbox/outbox.repository.ts';
import { inTransaction } from '../platform/database.ts';
import { TickerRepository } from '../ticker/ticker.repository.ts';

let api: ApiHarness;
let site: string;
const held = 'a000000001';
const free = 'a000000002';
const order = { kind: 'refresh' };

beforeAll(async () => {
  api = await createApiHarness();
  site = (await api.expectOk(siteSchema, 'POST', '/v1/sites', { name: 'north' })).id;
  await addDevice(api, { id: held, siteId: site });
  await addDevice(api, { id: free });
});
beforeEach(async () => {
  await api.call('DELETE', `/v1/sites/${site}/hold`);
  await api.database.prisma.outbox.deleteMany();
  await api.database.prisma.job.deleteMany();
});
afterAll(() => api.close());

const hold = (body: object = { reason: 'technician at work' }) => api.expectOk(siteSchema, 'POST', `/v1/sites/${site}/hold`, body);
const outbox = async () =>
  (await api.database.prisma.outbox.findMany({ orderBy: { id: 'asc' } })).map(({ deviceId, channel }) => [deviceId, channel]);
async function said(note: Omit<DownNote, 'tenantId'>) {
  const [reading] = await inTransaction(api.database.pool, (client) => readDown(client, [{ tenantId: 'main', ...note }], api.ports.sealer));
  return reading?.ok ? reading.message : reading;
}
const target = (deviceId: string) => said({ deviceId, channel: 'target', subject: null });
const job = (subject: string) => said({ deviceId: held, channel: 'job', subject });

it('says who keeps a site free of changes, and why', async () => {
  const shown = await hold({ reason: 'technician at work', until: '2999-01-01T00:00:00+01:00' });
  expect(shown.hold).toMatchObject({ reason: 'technician at work', until: '2998-12-31T23:00:00.000Z' });
  const entries = await api.database.prisma.auditEntry.findMany({ where: { subject: site, action: 'site.hold' } });
  expect(entries.at(-1)).toMatchObject({ actor: shown.hold?.by, details: { reason: 'technician at work' } });
  expect((await api.call('DELETE', `/v1/sites/${site}/hold`)).status).toBe(204);
  expect((await api.call('DELETE', `/v1/sites/${site}/hold`)).status).toBe(204);
  expect(await api.expectOk(siteSchema, 'GET', `/v1/sites/${site}`)).toMatchObject({ hold: null });
  expect(await api.database.prisma.auditEntry.count({ where: { subject: site, action: 'site.hold-lifted' } })).toBe(1);
});

it('refuses a hold that is over already, and one of a site that is not there', async () => {
  const past = await api.call('POST', `/v1/sites/${site}/hold`, { reason: 'late', until: '2020-01-01T00:00:00Z' });
  expect(problemSchema.parse(past.body)).toMatchObject({ status: 422, errors: [{ path: 'until' }] });
  const stranger = await api.tokenFor('other', 'admin');
  expect((await api.call('POST', `/v1/sites/${site}/hold`, { reason: 'x' }, stranger)).status).toBe(404);
  expect((await api.call('DELETE', `/v1/sites/${site}/hold`, undefined, stranger)).status).toBe(404);
});

it('refuses new targets there and nowhere else, and lets through what changes nothing', async () => {
  const [old, next] = [await addPolicy(api, 'old'), await addPolicy(api, 'next')];
  const assign = (policy: object) => api.expectOk(assignmentSchema, 'POST', '/v1/assignments', { policy, devices: [held, free] });
  await assign(old);
  await hold();
  expect((await assign(next)).devices).toEqual([
    { device: held, outcome: 'refused', code: 'site.on-hold' },
    { device: free, outcome: 'assigned', version: { epoch: 1, number: 2 } },
  ]);
  expect((await assign(old)).devices[0]).toMatchObject({ device: held, outcome: 'unchanged' });
});

it('keeps back what was on its way, and sends it when it is lifted', async () => {
  const policy = await addPolicy(api, 'on.its.way');
  await api.expectOk(assignmentSchema, 'POST', '/v1/assignments', { policy, devices: [held] });
  const waiting = await api.expectOk(jobSchema, 'POST', '/v1/jobs', { device: held, order });
  await hold();
  await api.database.prisma.outbox.deleteMany();
  expect([await target(held), await job(waiting.id)]).toEqual([null, null]);
  await api.call('DELETE', `/v1/sites/${site}/hold`);
  expect(await outbox()).toEqual([
    [held, 'target'],
    [held, 'job'],
  ]);
  expect(await target(held)).toMatchObject({ version: { number: expect.any(Number) } });
  expect(await job(waiting.id)).toMatchObject({ action: 'start' });
});

it('ends by itself, by the clock of the database, and then sends what waited', async () => {
  const policy = await addPolicy(api, 'over');
  await api.expectOk(assignmentSchema, 'POST', '/v1/assignments', { policy, devices: [held] });
  await hold({ reason: 'short', until: '2999-01-01T00:00:00Z' });
  await api.database.prisma.outbox.deleteMany();
  const ticker = new TickerRepository(api.database.pool);
  expect(await ticker.endHolds()).toBe(0);
  await api.database.prisma.siteHold.updateMany({ data: { expiresAt: new Date(Date.UTC(2020, 0, 1)) } });
  expect((await api.expectOk(siteSchema, 'GET', `/v1/sites/${site}`)).hold).toBeNull();
  expect(await ticker.endHolds()).toBe(1);
  expect(await outbox()).toEqual([[held, 'target']]);
  expect(await ticker.endHolds()).toBe(0);
});

it('refuses jobs, but for those that an admin forces', async () => {
  await hold();
  const refused = await api.call('POST', '/v1/jobs', { device: held, order });
  expect(problemSchema.parse(refused.body)).toMatchObject({ status: 409, code: 'site.on-hold' });
  const operator = await api.tokenFor('main', 'operator');
  expect((await api.call('POST', '/v1/jobs', { device: held, order, force: true }, operator)).status).toBe(403);
  const forced = await api.expectOk(jobSchema, 'POST', '/v1/jobs', { device: held, order, force: true });
  expect(await job(forced.id)).toMatchObject({ action: 'start' });
  expect((await api.call('POST', '/v1/jobs', { device: free, order })).status).toBe(201);
});

it('lets nothing open once it has been placed, however close an assignment was', async () => {
  const [left, right] = [await addPolicy(api, 'left'), await addPolicy(api, 'right')];
  for (let turn = 0; turn < 5; turn += 1) {
    const policy = turn % 2 ? left : right;
    const assignment = api.expectOk(assignmentSchema, 'POST', '/v1/assignments', { policy, devices: [held] });
    await hold();
    const before = await api.database.prisma.target.findFirst({ where: { deviceId: held } });
    await assignment;
    const after = await api.database.prisma.target.findFirst({ where: { deviceId: held } });
    expect(after?.number).toBe(before?.number);
    await api.call('DELETE', `/v1/sites/${site}/hold`);
  }
});
