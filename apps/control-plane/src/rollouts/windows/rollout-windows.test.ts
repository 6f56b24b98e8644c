import { silentLog } from '@towline/kit';
import { deviceDetailSchema, rolloutDevicePageSchema, rolloutSchema, rolloutWindowsSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../../api/testing/api-harness.ts';
import { addPolicy } from '../../api/testing/fleet.ts';
import { commitBatch } from '../../ingest/commit-batch.ts';
import { inPipelinedTransaction, openPool } from '../../platform/database.ts';
import { RolloutBench } from '../testing/rollout-bench.ts';

let api: ApiHarness;
let bench: RolloutBench;
beforeAll(async () => {
  api = await createApiHarness();
  bench = new RolloutBench(api);
  await bench.hear();
});
afterAll(() => api.close());

const hour = (at: Date, zone: string) => new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' }).format(at);

it("opens devices whose own clock stands inside a window, and no others, and says when the others' turn comes", async () => {
  const [east = '', west = '', west2 = ''] = await bench.devices('w', 3);
  const [tokyo, honolulu] = ['Asia/Tokyo', 'Pacific/Honolulu'];
  await api.expectOk(deviceDetailSchema, 'PATCH', `/v1/devices/${east}`, { zone: tokyo });
  for (const id of [west, west2]) await api.expectOk(deviceDetailSchema, 'PATCH', `/v1/devices/${id}`, { zone: honolulu });
  // Four hours around the hour that it is in Tokyo now: nineteen hours away from Honolulu's.
  const now = new Date(api.ports.clock.wallMs());
  const around = (by: number) => `${String((Number(hour(now, tokyo)) + by + 24) % 24).padStart(2, '0')}:00`;
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const schedule = { windows: [{ days, from: around(-1), to: around(3) }] };
  const draft = { name: 'by night', order: { kind: 'refresh' }, selection: { devices: [east, west, west2] } };
  const settings = { schedule, waves: { kind: 'counts', sizes: [3] }, timeouts: { answerS: 3600 } };
  const { id } = await api.expectOk(rolloutSchema, 'POST', '/v1/rollouts', { ...draft, settings });
  for (const act of ['plan', 'submit', 'start']) await bench.act(id, act);
  const planned = await api.expectOk(rolloutWindowsSchema, 'GET', `/v1/rollouts/${id}/windows`);
  expect(planned).toMatchObject({
    needS: 3600,
    zones: [
      { zone: honolulu, devices: 2, open: false },
      { zone: tokyo, devices: 1, open: true },
    ],
  });
  expect(Date.parse(planned.zones[0]?.next ?? '')).toBeGreaterThan(now.getTime());
  await bench.run();
  expect(await bench.inState(id, 'opened')).toEqual([east]);
  expect(await bench.inState(id, 'pending')).toEqual([west, west2]);
  const stranger = await api.tokenFor('other', 'admin');
  expect((await api.call('GET', `/v1/rollouts/${id}/windows`, undefined, stranger)).status).toBe(404);
});

it('goes by UTC where nobody said in which zone a device stands', async () => {
  const devices = await bench.devices('n', 1);
  const schedule = { windows: [{ days: ['mon'], from: '02:00', to: '04:00' }] };
  const draft = { name: 'anywhere', order: { kind: 'refresh' }, selection: { devices }, settings: { schedule } };
  const { id } = await api.expectOk(rolloutSchema, 'POST', '/v1/rollouts', draft);
  await bench.act(id, 'plan');
  const { zones } = await api.expectOk(rolloutWindowsSchema, 'GET', `/v1/rollouts/${id}/windows`);
  expect(zones).toMatchObject([{ zone: 'UTC', devices: 1 }]);
});

it.each([
  ['1970', 'k', 0],
  ['2099', 'm', Date.UTC(2099, 0, 1)],
])('goes by the clock of the database, where a device believes in %s', async (_, prefix, sentAt) => {
  const [device = ''] = await bench.devices(prefix, 1);
  const { id } = await bench.start(await addPolicy(api, `apn.${prefix}`), { devices: [device] });
  await bench.run();
  const { epoch, number, digest } = await api.database.prisma.target.findFirstOrThrow({ where: { deviceId: device } });
  const version = { epoch, number };
  const stream = { epoch: 'aaaaaaaa', sequence: 1, base: 1, sentAt };
  const report = { ...stream, held: { target: version }, target: { version, digest, status: 'applied' as const }, uptimeS: 1, modems: [] };
  const message = { kind: 'state' as const, address: { tenant: 'main', device }, receivedAt: api.ports.clock.wallMs(), report };
  const pool = openPool({ url: api.database.url, applicationName: 'towline-ingest', connections: 1, log: silentLog, pipeline: true });
  const options = { retentionMs: 86_400_000, isTouchDue: () => true, isResendDue: () => true, recall: () => null };
  await inPipelinedTransaction(pool, (client, later) => commitBatch({ client, later }, [message], options));
  await pool.end();
  await bench.run();
  expect(await bench.get(id)).toMatchObject({ state: 'finished', counts: { succeeded: 1 } });
  const { items } = await api.expectOk(rolloutDevicePageSchema, 'GET', `/v1/rollouts/${id}/devices`);
  expect(Math.abs(Date.parse(items[0]?.changedAt ?? '') - api.ports.clock.wallMs())).toBeLessThan(60_000);
});
