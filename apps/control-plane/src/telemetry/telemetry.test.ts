import { latestSamplesSchema, problemSchema, samplePageSchema, seriesSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice } from '../api/testing/fleet.ts';

const device = '0000000001';
const startMs = Date.UTC(2026, 0, 1);
const hours = 6;
let api: ApiHarness;

/** One sample a minute of two modems; the second one is silent for the last hour. */
beforeAll(async () => {
  api = await createApiHarness();
  await addDevice(api, { id: device });
  await api.database.pool.query(
    `insert into telemetry (tenant_id, device_id, at, epoch, sequence, index, modem, clock, device_time, received_at, rssi_dbm, rx_bytes)
     select 'main', $1, t, 'abcdefgh', row_number() over (), m, 'modem ' || m, 'right', t, t, -60 - extract(minute from t)::int, 5000000000
       from generate_series($2::timestamptz, $2::timestamptz + make_interval(hours => $3), interval '1 minute') t, generate_series(1, 2) m
      where m = 1 or t < $2::timestamptz + make_interval(hours => $3 - 1)`,
    [device, new Date(startMs), hours],
  );
});
afterAll(() => api.close());

const time = (hour: number) => new Date(startMs + hour * 3_600_000).toISOString();
const span = `from=${time(0)}&to=${time(hours)}`;

it('gives the newest sample of each modem', async () => {
  const { items } = await api.expectOk(latestSamplesSchema, 'GET', `/v1/devices/${device}/telemetry/latest`);
  expect(items.map(({ modem, at }) => [modem, at])).toEqual([
    ['modem 1', time(hours)],
    ['modem 2', new Date(startMs + 5 * 3_600_000 - 60_000).toISOString()],
  ]);
  expect(items[0]?.rxBytes).toBe(5_000_000_000);
});

it('gives a range newest first, page by page, nothing twice', async () => {
  const read: string[] = [];
  for (let cursor = ''; ; ) {
    const page = await api.expectOk(samplePageSchema, 'GET', `/v1/devices/${device}/telemetry?${span}&limit=100${cursor}`);
    read.push(...page.items.map(({ at, modem }) => `${at} ${modem}`));
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  expect(read).toHaveLength(660);
  expect(new Set(read).size).toBe(660);
  const times = read.map((line) => line.slice(0, 24));
  expect(times).toEqual(times.toSorted().toReversed());
});

it('gives buckets with average, least and greatest', async () => {
  const series = await api.expectOk(
    seriesSchema,
    'GET',
    `/v1/devices/${device}/telemetry/series?column=rssiDbm&modem=modem%201&bucketS=3600&${span}`,
  );
  expect(series.points).toHaveLength(hours);
  expect(series.points[0]).toEqual({ at: time(0), modem: 'modem 1', avg: -89.5, min: -119, max: -60, count: 60 });
  const few = await api.expectOk(
    seriesSchema,
    'GET',
    `/v1/devices/${device}/telemetry/series?column=rssiDbm&modem=modem%201&points=4&${span}`,
  );
  expect(few.points).toHaveLength(4);
});

it.each([
  ['series?column=rssiDbm&bucketS=1&', 'bucketS'],
  ['series?column=speed&', 'column'],
  ['series?column=rssiDbm&points=9&bucketS=60&', 'points'],
  ['series?column=rssiDbm&points=1001&', 'points'],
])('refuses %s', async (path, field) => {
  const answer = await api.call('GET', `/v1/devices/${device}/telemetry/${path}${span}`);
  expect(problemSchema.parse(answer.body)).toMatchObject({ status: 422, errors: [{ path: field }] });
});

it('shows nothing to another tenant', async () => {
  const stranger = await api.tokenFor('other', 'admin');
  for (const path of ['', '/latest', '/series?column=rssiDbm']) {
    expect((await api.call('GET', `/v1/devices/${device}/telemetry${path}`, undefined, stranger)).status).toBe(404);
  }
});
