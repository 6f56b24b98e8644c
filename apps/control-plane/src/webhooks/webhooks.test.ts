import { createHmac } from 'node:crypto';
import { silentLog } from '@towline/kit';
import {
  auditPageSchema,
  eventPageSchema,
  redeliveredSchema,
  webhookDeliveryPageSchema,
  webhookDeliverySchema,
  webhookPageSchema,
  webhookSchema,
  webhookWithSecretSchema,
} from '@towline/protocol/http';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { systemClock, systemRandom } from '../platform/clock.ts';
import { inTransaction } from '../platform/database.ts';
import { allowedNetworks } from './address-guard.ts';
import { sendWebhook } from './send-webhook.ts';
import { maxAttempts } from './settle-attempt.ts';
import { type Receiver, startReceiver } from './testing/receiver.ts';
import { WebhookCourier } from './webhook-courier.ts';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.ts';
import { queueWebhooks, queueWebhooksInSql, type WebhookNote } from './webhook-queue.repository.ts';

const local = [{ address: '127.0.0.0', prefix: 8 }];
let api: ApiHarness;
let receiver: Receiver;
beforeAll(async () => {
  api = await createApiHarness({ webhookNetworks: local });
  receiver = await startReceiver();
});
beforeEach(async () => {
  await api.database.prisma.webhookEndpoint.deleteMany();
  receiver.received.length = 0;
});
afterAll(async () => {
  await receiver.close();
  await api.close();
});

const note = (type: WebhookNote['type'], change: Partial<WebhookNote> = {}): WebhookNote => ({
  tenant: 'main',
  type,
  subject: 's',
  data: { a: 1 },
  ...change,
});
const queue = (...notes: WebhookNote[]) => inTransaction(api.database.pool, (client) => queueWebhooksInSql(client, notes));
const create = (path: string, types: string[] = ['*']) =>
  api.expectOk(webhookWithSecretSchema, 'POST', '/v1/webhooks', { url: `${receiver.url}${path}`, types });
const deliveriesOf = async (id: string) => (await api.expectOk(webhookDeliveryPageSchema, 'GET', `/v1/webhooks/${id}/deliveries`)).items;
const get = (id: string) => api.expectOk(webhookSchema, 'GET', `/v1/webhooks/${id}`);

/** Works until nothing is due. */
async function courierRound(sealer = api.ports.sealer): Promise<void> {
  const deliveries = new WebhookDeliveriesRepository(api.database.pool);
  const send = vi.fn((request: Parameters<typeof sendWebhook>[0]) => sendWebhook(request, allowedNetworks(local), systemClock));
  const courier = new WebhookCourier({ deliveries, send, sealer, clock: systemClock, random: systemRandom, log: silentLog });
  courier.wake();
  await vi.waitFor(async () => expect((await deliveries.dueInMs()) ?? 1).toBeGreaterThan(0), { timeout: 10_000 });
  await courier.stop();
}

const makeDue = () =>
  api.database.pool.query(`update webhook_delivery set next_try_at = now(); update webhook_endpoint set blocked_until = null`);

it('tells each endpoint what it wants to know, signed, and no other tenant', async () => {
  const rollouts = await create('/rollouts', ['rollout.*']);
  await create('/reverts', ['device.reverted', 'webhook.suspended']);
  await queue(note('rollout.started'), note('device.reverted'), note('device.trouble'), note('rollout.started', { tenant: 'other' }));
  await courierRound();
  expect(receiver.received.map(({ url }) => url).sort()).toEqual(['/reverts', '/rollouts']);
  const [told] = receiver.received.filter(({ url }) => url === '/rollouts');
  expect(JSON.parse(told?.body ?? '')).toMatchObject({ type: 'rollout.started', tenant: 'main', subject: 's', data: { a: 1 } });
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = told?.headers ?? {};
  const key = Buffer.from(rollouts.secret.replace('whsec_', ''), 'base64');
  expect(signature).toBe(`v1,${createHmac('sha256', key).update([id, at, told?.body].join('.')).digest('base64')}`);
  expect(Math.abs(Number(at) * 1000 - systemClock.wallMs())).toBeLessThan(60_000);
  expect(await deliveriesOf(rollouts.id)).toMatchObject([{ id, state: 'delivered', attempt: 1, lastStatus: 204, lastError: null }]);
});

it('queues nothing when the transaction of what it tells of comes to nothing', async () => {
  const made = await create('/well');
  const failing = api.database.prisma.$transaction(async (tx) => {
    await queueWebhooks(tx, [note('rollout.started')]);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await deliveriesOf(made.id)).toEqual([]);
  await api.database.prisma.$transaction((tx) => queueWebhooks(tx, [note('rollout.started')]));
  expect(await deliveriesOf(made.id)).toHaveLength(1);
});

it('tries one delivery at a time at an endpoint that fails, later each time, and lets it rest in between', async () => {
  const made = await create('/wrong');
  await queue(note('rollout.started'), note('rollout.finished'));
  await courierRound();
  const before = receiver.received.length;
  expect(await get(made.id)).toMatchObject({ state: 'active' });
  expect((await get(made.id)).failures).toBeGreaterThan(0);
  await courierRound();
  expect(receiver.received.length).toBe(before);
  await makeDue();
  await courierRound();
  expect(receiver.received.length).toBe(before + 1);
  const rows = await deliveriesOf(made.id);
  expect(rows.map(({ state, lastError, lastStatus }) => [state, lastError, lastStatus])).toEqual([
    ['waiting', 'refused', 500],
    ['waiting', 'refused', 500],
  ]);
  expect(JSON.stringify(rows)).not.toContain('secret of the inside');
});

it('suspends an endpoint that took nothing in all tries, says so aloud, and starts again when a person says so', async () => {
  const made = await create('/wrong');
  const other = await create('/well', ['webhook.suspended']);
  await queue(note('rollout.started'));
  await api.database.pool.query('update webhook_delivery set attempt = $1', [maxAttempts - 1]);
  await courierRound();
  expect(await get(made.id)).toMatchObject({ state: 'suspended', suspendedAt: expect.any(String) });
  const events = await api.expectOk(eventPageSchema, 'GET', '/v1/events?code=webhook.suspended');
  expect(events.items).toMatchObject([{ severity: 'error', device: null }]);
  const audit = await api.expectOk(auditPageSchema, 'GET', `/v1/audit?subject=${made.id}`);
  expect(audit.items[0]).toMatchObject({ actor: 'system', action: 'webhook.suspend' });
  await courierRound();
  expect(await deliveriesOf(other.id)).toMatchObject([{ type: 'webhook.suspended', state: 'delivered' }]);
  await queue(note('rollout.finished'));
  expect(await deliveriesOf(made.id)).toHaveLength(1);
  await api.expectOk(webhookSchema, 'PATCH', `/v1/webhooks/${made.id}`, { url: `${receiver.url}/well`, state: 'active' });
  expect(await api.expectOk(redeliveredSchema, 'POST', `/v1/webhooks/${made.id}/redeliver`)).toEqual({ deliveries: 1 });
  const [{ id: sent } = { id: '' }] = await deliveriesOf(made.id);
  await courierRound();
  expect(await deliveriesOf(made.id)).toMatchObject([{ id: sent, state: 'delivered', attempt: 1 }]);
});

it('lets a slow endpoint hold up nobody else', async () => {
  const slow = await create('/silent');
  const quick = await create('/well');
  await queue(...Array.from({ length: 20 }, () => note('rollout.started')));
  const deliveries = new WebhookDeliveriesRepository(api.database.pool);
  const send: ConstructorParameters<typeof WebhookCourier>[0]['send'] = (request) =>
    request.url.endsWith('/silent')
      ? new Promise((settle) => hung.push(() => settle({ ok: false, failure: 'timed-out', status: null })))
      : sendWebhook(request, allowedNetworks(local), systemClock);
  const hung: (() => void)[] = [];
  const courier = new WebhookCourier({
    deliveries,
    send,
    sealer: api.ports.sealer,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  courier.wake();
  await vi.waitFor(async () => expect((await deliveriesOf(quick.id)).every(({ state }) => state === 'delivered')).toBe(true), {
    timeout: 10_000,
  });
  expect((await deliveriesOf(slow.id)).every(({ state }) => state === 'waiting')).toBe(true);
  const stopped = courier.stop();
  for (const settle of hung) settle();
  await stopped;
});

it('tries again what a courier claimed and then died over, and believes the later of two couriers', async () => {
  const made = await create('/well');
  await queue(note('rollout.started'));
  const deliveries = new WebhookDeliveriesRepository(api.database.pool);
  const [dead] = await deliveries.claim(10, []);
  expect(await deliveries.claim(10, [])).toEqual([]);
  await makeDue();
  await courierRound();
  if (dead) await deliveries.settle(dead, { kind: 'give-up', failure: 'refused', status: 500 });
  expect(await deliveriesOf(made.id)).toMatchObject([{ state: 'delivered', attempt: 2 }]);
  expect(await get(made.id)).toMatchObject({ state: 'active' });
});

it('gives no delivery to two couriers', async () => {
  await create('/well');
  await queue(...Array.from({ length: 40 }, () => note('rollout.started')));
  const deliveries = new WebhookDeliveriesRepository(api.database.pool);
  const claimed = (await Promise.all(Array.from({ length: 12 }, () => deliveries.claim(10, [])))).flat();
  expect(new Set(claimed.map(({ id }) => id)).size).toBe(claimed.length);
  expect(claimed.length).toBeGreaterThan(4);
});

it('signs with the former secret too after a change, and keeps none of them readable', async () => {
  const made = await create('/well');
  const changed = await api.expectOk(webhookWithSecretSchema, 'POST', `/v1/webhooks/${made.id}/secret`);
  expect(changed.secret).not.toBe(made.secret);
  await api.expectOk(webhookDeliverySchema, 'POST', `/v1/webhooks/${made.id}/test`);
  await courierRound();
  expect(String(receiver.received[0]?.headers['webhook-signature']).split(' ')).toHaveLength(2);
  const { rows } = await api.database.pool.query('select secret, previous_secret from webhook_endpoint');
  expect(JSON.stringify(rows)).not.toContain('whsec_');
  const shown = JSON.stringify([(await api.call('GET', '/v1/webhooks')).body, (await api.call('GET', '/v1/audit')).body]);
  expect(shown).not.toContain('whsec_');
});

it('keeps what was sealed with another key waiting, and says why', async () => {
  const made = await create('/well');
  await queue(note('rollout.started'));
  const { createSealer } = await import('../platform/sealer.ts');
  await courierRound(createSealer(Buffer.alloc(32, 1)));
  expect(await deliveriesOf(made.id)).toMatchObject([{ state: 'waiting', lastError: 'secret-unreadable' }]);
  expect(receiver.received).toEqual([]);
});

it.each([
  'http://hooks.example.net/x',
  'https://10.0.0.1/x',
  'https://[fd00::1]/x',
  'https://user:word@hooks.example.net/',
  'ftp://example.net/',
  'nonsense',
])('takes no endpoint at %s', async (url) => {
  expect((await api.call('POST', '/v1/webhooks', { url, types: ['*'] })).status).toBe(422);
});

it('is for admins alone, within their tenant, and bounded', async () => {
  const made = await create('/well');
  const operator = await api.tokenFor('main', 'operator');
  expect((await api.call('GET', '/v1/webhooks', undefined, operator)).status).toBe(403);
  const stranger = await api.tokenFor('other', 'admin');
  for (const [method, path] of [
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', '/secret'],
    ['POST', '/test'],
    ['GET', '/deliveries'],
    ['POST', '/redeliver'],
  ] as const) {
    expect((await api.call(method, `/v1/webhooks/${made.id}${path}`, method === 'PATCH' ? {} : undefined, stranger)).status).toBe(404);
  }
  for (let count = 1; count < 20; count += 1) await create(`/${count}`);
  expect((await api.call('POST', '/v1/webhooks', { url: `${receiver.url}/x`, types: ['*'] })).status).toBe(409);
  expect((await api.expectOk(webhookPageSchema, 'GET', '/v1/webhooks?limit=500')).items).toHaveLength(20);
  expect((await api.call('DELETE', `/v1/webhooks/${made.id}`)).status).toBe(204);
});
