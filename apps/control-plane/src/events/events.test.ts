import { eventPageSchema, fleetSummarySchema, quarantinePageSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice } from '../api/testing/fleet.ts';

const device = '0000000001';
let api: ApiHarness;
let url: string;
beforeAll(async () => {
  api = await createApiHarness();
  await addDevice(api, { id: device, online: true, faultCode: 'apn.not-subscribed' });
  await addDevice(api, { id: '0000000002', model: 'bg96' });
  const at = new Date('2026-01-01T00:00:00Z');
  const event = { tenantId: 'main', deviceId: device, severity: 'error', evidence: ['+CME ERROR: 33'], at, clock: 'right' };
  await api.database.prisma.event.createMany({
    data: [
      { ...event, code: 'apn.not-subscribed' },
      { ...event, code: 'link.up', deviceId: '0000000002' },
      { ...event, code: 'link.up' },
      { ...event, code: 'link.up', tenantId: 'other' },
    ],
  });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  url = await api.app.getUrl();
});
afterAll(() => api.close());

it('lists events newest first, by device and by code, page by page', async () => {
  const codes = async (query: string) =>
    (await api.expectOk(eventPageSchema, 'GET', `/v1/events${query}`)).items.map(({ code, device: from }) => `${code} ${from}`);
  expect(await codes('')).toEqual(['link.up 0000000001', 'link.up 0000000002', 'apn.not-subscribed 0000000001']);
  expect(await codes(`?device=${device}&code=link.up`)).toEqual(['link.up 0000000001']);
  const first = await api.expectOk(eventPageSchema, 'GET', '/v1/events?limit=2');
  expect(await codes(`?limit=2&cursor=${first.next}`)).toEqual(['apn.not-subscribed 0000000001']);
});

it('counts the fleet', async () => {
  expect(await api.expectOk(fleetSummarySchema, 'GET', '/v1/fleet/summary')).toMatchObject({
    devices: 2,
    online: 1,
    byModel: expect.arrayContaining([
      { value: 'ec25', count: 1 },
      { value: 'bg96', count: 1 },
    ]),
    byFault: expect.arrayContaining([
      { value: 'apn.not-subscribed', count: 1 },
      { value: null, count: 1 },
    ]),
    byTargetStatus: [{ value: null, count: 2 }],
  });
});

it('shows bad payloads to whoever may read the audit', async () => {
  const payload = new Uint8Array(Buffer.from('{"not": json'));
  await api.database.prisma.quarantine.create({
    data: { tenantId: 'main', deviceId: device, topic: 't', payload, code: 'payload.invalid', reason: 'r' },
  });
  const page = await api.expectOk(quarantinePageSchema, 'GET', '/v1/quarantine');
  expect(page.items).toMatchObject([{ code: 'payload.invalid', payload: '{"not": json', payloadBytes: 12 }]);
  expect((await api.call('GET', '/v1/quarantine', undefined, await api.tokenFor('main', 'viewer'))).status).toBe(403);
});

it('streams what changes, as server-sent events, until the reader goes', async () => {
  const ended = new AbortController();
  const answer = await fetch(`${url}/v1/stream?device=${device}`, {
    headers: { authorization: `Bearer ${api.token}` },
    signal: ended.signal,
  });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toContain('retry:');
  for (const listener of api.changes) {
    listener.onChange({ tenant: 'main', kind: 'device', id: '0000000002', device: '0000000002' });
    listener.onChange({ tenant: 'main', kind: 'job', id: 'j', device });
  }
  expect((await reader?.read())?.value).toBe(`event: job\ndata: {"kind":"job","id":"j","device":"${device}"}\n\n`);
  ended.abort();
  await vi.waitFor(() => expect(api.changes.size).toBe(0), { timeout: 5000 });
});

it('opens no stream without a token or for a device of others', async () => {
  expect((await fetch(`${url}/v1/stream`)).status).toBe(401);
  const stranger = await api.tokenFor('other', 'admin');
  expect((await fetch(`${url}/v1/stream?device=${device}`, { headers: { authorization: `Bearer ${stranger}` } })).status).toBe(404);
});
