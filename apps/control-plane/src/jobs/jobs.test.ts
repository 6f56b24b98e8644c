import { atQuestionsSchema, auditPageSchema, jobPageSchema, jobSchema, problemSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice } from '../api/testing/fleet.ts';
import { maxOpenJobs } from './jobs.repository.ts';

const device = '0000000001';
const order = { kind: 'refresh' };
let api: ApiHarness;
beforeAll(async () => {
  api = await createApiHarness();
  await addDevice(api, { id: device });
});
beforeEach(async () => {
  await api.database.prisma.job.deleteMany();
  await api.database.prisma.outbox.deleteMany();
});
afterAll(() => api.close());

const create = (body: object) => api.expectOk(jobSchema, 'POST', '/v1/jobs', body);

it('orders a job and puts it on its way', async () => {
  const job = await create({ device, order: { kind: 'hang-up', redialAfterS: 30 }, ttlS: 60 });
  expect(job).toMatchObject({ state: 'queued', progress: 0, cancelRequested: false });
  expect(Date.parse(job.expiresAt) - Date.parse(job.createdAt)).toBe(60_000);
  const outbox = await api.database.prisma.outbox.findMany();
  expect(outbox.map(({ deviceId, channel, subject }) => [deviceId, channel, subject])).toEqual([[device, 'job', job.id]]);
  expect(await api.expectOk(jobSchema, 'GET', `/v1/jobs/${job.id}`)).toEqual(job);
});

it('creates a job sent twice under its own id once, also at the same time', async () => {
  const id = '5f8d0f6e-6a0c-4b7e-8f55-0d0f7a3a1c11';
  const made = await Promise.all([create({ id, device, order }), create({ id, device, order })]);
  expect(made[0]).toEqual(made[1]);
  expect(await api.database.prisma.outbox.count()).toBe(1);
  const other = await api.call('POST', '/v1/jobs', { id, device, order: { kind: 'dial' } });
  expect(problemSchema.parse(other.body)).toMatchObject({ status: 409 });
});

it('keeps only so many open jobs a device', async () => {
  for (let number = 0; number < maxOpenJobs; number += 1) await create({ device, order });
  expect((await api.call('POST', '/v1/jobs', { device, order })).status).toBe(409);
});

it('asks for a cancel once, and leaves a job that ended as it is', async () => {
  const open = await create({ device, order });
  expect((await api.expectOk(jobSchema, 'POST', `/v1/jobs/${open.id}/cancel`)).cancelRequested).toBe(true);
  await api.expectOk(jobSchema, 'POST', `/v1/jobs/${open.id}/cancel`);
  expect(await api.database.prisma.outbox.count()).toBe(2);
  await api.database.prisma.job.updateMany({ where: { id: open.id }, data: { state: 'succeeded', cancelRequested: false } });
  expect(await api.expectOk(jobSchema, 'POST', `/v1/jobs/${open.id}/cancel`)).toMatchObject({ state: 'succeeded', cancelRequested: false });
});

it('lists them newest first, by device and state, page by page', async () => {
  const made = [await create({ device, order }), await create({ device, order }), await create({ device, order })];
  const first = await api.expectOk(jobPageSchema, 'GET', `/v1/jobs?device=${device}&state=queued&limit=2`);
  const second = await api.expectOk(jobPageSchema, 'GET', `/v1/jobs?limit=2&cursor=${first.next}`);
  const listed = [...first.items, ...second.items];
  expect(listed.map((job) => job.id).sort()).toEqual(made.map((job) => job.id).sort());
  expect(listed.map((job) => job.createdAt)).toEqual(
    listed
      .map((job) => job.createdAt)
      .toSorted()
      .toReversed(),
  );
  expect((await api.expectOk(jobPageSchema, 'GET', '/v1/jobs?state=failed')).items).toEqual([]);
});

it('shows nothing of it to another tenant and takes no order from a viewer', async () => {
  const job = await create({ device, order });
  const stranger = await api.tokenFor('other', 'admin');
  expect((await api.call('GET', `/v1/jobs/${job.id}`, undefined, stranger)).status).toBe(404);
  expect((await api.call('POST', `/v1/jobs/${job.id}/cancel`, undefined, stranger)).status).toBe(404);
  expect((await api.call('POST', '/v1/jobs', { device, order }, stranger)).status).toBe(422);
  expect((await api.call('POST', '/v1/jobs', { device, order }, await api.tokenFor('main', 'viewer'))).status).toBe(403);
});

it.each([{ kind: 'scan' }, { kind: 'reboot' }, { kind: 'switch-mode', dataMode: 'ecm' }, { kind: 'ask-modem', command: 'AT+CSQ' }])(
  'orders $kind',
  async (what) => {
    expect((await create({ device, order: what })).order).toEqual(what);
  },
);

it.each([
  { kind: 'reboot', modem: 'm1' },
  { kind: 'switch-mode', dataMode: 'pigeon' },
  { kind: 'ask-modem', command: 'AT+CFUN=0' },
  { kind: 'ask-modem', command: 'AT+CSQ;+CFUN=0' },
  { kind: 'ask-modem', command: 'AT+QENG?' },
])('refuses %o', async (what) => {
  expect((await api.call('POST', '/v1/jobs', { device, order: what })).status).toBe(422);
});

it('lets an admin add questions, and nobody else; they are questions alone', async () => {
  const ask = { device, order: { kind: 'ask-modem', command: 'AT+QENG?' } };
  const change = (added: string[], token?: string) => api.call('PATCH', '/v1/at-questions', { added }, token);
  expect((await change(['AT+QENG?'], await api.tokenFor('main', 'operator'))).status).toBe(403);
  expect((await change(['AT+QENG="servingcell"'])).status).toBe(422);
  expect((await change(['AT+QENG?'])).status).toBe(200);
  expect((await api.expectOk(atQuestionsSchema, 'GET', '/v1/at-questions')).added).toEqual(['AT+QENG?']);
  expect((await create(ask)).order).toEqual(ask.order);
  expect((await api.expectOk(auditPageSchema, 'GET', '/v1/audit')).items.map(({ action }) => action)).toContain('job.allow');
  expect((await change([])).status).toBe(200);
  expect((await api.call('POST', '/v1/jobs', ask)).status).toBe(422);
});
