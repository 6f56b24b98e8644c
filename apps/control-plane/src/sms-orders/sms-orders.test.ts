import { createHash, createHmac } from 'node:crypto';
import { parseSmsOrder } from '@towline/protocol';
import { problemSchema, smsOrderSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice } from '../api/testing/fleet.ts';

const device = '0000000001';
let api: ApiHarness;
beforeAll(async () => {
  api = await createApiHarness();
  await addDevice(api, { id: device });
});
afterAll(() => api.close());

const path = (id = device) => `/v1/devices/${id}/sms-orders`;
const write = (order: string) => api.expectOk(smsOrderSchema, 'POST', path(), { order });

it('writes a text that only this device takes, signed with the digest of its secret', async () => {
  const { text, counter } = await write('revert');
  const order = parseSmsOrder(text);
  expect(order).toMatchObject({ counter, order: 'revert', handle: createHash('sha256').update(device).digest('hex').slice(0, 8) });
  const { credentialHash } = await api.database.prisma.device.findUniqueOrThrow({ where: { id: device } });
  const key = `towline sms order 1 ${Buffer.from(credentialHash ?? []).toString('hex')}`;
  const body = text.slice(0, text.lastIndexOf(' '));
  expect(order?.mac).toBe(createHmac('sha256', key).update(body).digest().subarray(0, 15).toString('base64url'));
});

it('counts on, from the clock at least, so that a restored database gives out nothing twice', async () => {
  const made = [await write('revert'), await write('report')].map(({ counter }) => counter);
  expect(made[1]).toBeGreaterThan(made[0] ?? 0);
  await api.database.prisma.device.updateMany({ where: { id: device }, data: { smsCounter: 7 } });
  expect((await write('report')).counter).toBeGreaterThan(1_700_000_000);
});

it('is noted with who wrote it, without the text', async () => {
  const { counter, text } = await write('revert');
  const entry = await api.database.prisma.auditEntry.findFirst({ where: { action: 'device.sms-order' }, orderBy: { id: 'desc' } });
  expect(entry).toMatchObject({ subject: device, details: { order: 'revert', counter } });
  expect(JSON.stringify(entry?.details)).not.toContain(text.slice(-20));
});

it('is for those who may order jobs, and for devices of their tenant that have a credential', async () => {
  const viewer = await api.tokenFor('main', 'viewer');
  const stranger = await api.tokenFor('other', 'admin');
  expect((await api.call('POST', path(), { order: 'revert' }, viewer)).status).toBe(403);
  expect((await api.call('POST', path(), { order: 'revert' }, stranger)).status).toBe(404);
  expect((await api.call('POST', path(), { order: 'erase' })).status).toBe(422);
  await addDevice(api, { id: '0000000002' });
  await api.database.prisma.device.updateMany({ where: { id: '0000000002' }, data: { credentialHash: null } });
  const refused = await api.call('POST', path('0000000002'), { order: 'revert' });
  expect(problemSchema.parse(refused.body)).toMatchObject({ status: 409 });
});
