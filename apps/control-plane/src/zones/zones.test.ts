import {
  auditPageSchema,
  deviceDetailSchema,
  devicePageSchema,
  siteSchema,
  tagsEditedSchema,
  windowsPreviewSchema,
  zonesSchema,
} from '@towline/protocol/http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice } from '../api/testing/fleet.ts';
import { offsetAt } from '../rollouts/windows/zone-offsets.ts';

const [own, atSite, alone] = ['0000000001', '0000000002', '0000000003'];
let api: ApiHarness;
let site: string;
beforeAll(async () => {
  api = await createApiHarness();
  site = (await api.expectOk(siteSchema, 'POST', '/v1/sites', { name: 'north', zone: 'Asia/Kolkata' })).id;
  await addDevice(api, { id: own, siteId: site });
  await addDevice(api, { id: atSite, siteId: site });
  await addDevice(api, { id: alone });
});
afterAll(() => api.close());

const zoneOf = async (id: string) => (await api.expectOk(deviceDetailSchema, 'GET', `/v1/devices/${id}`)).zone;

it("takes the device's zone, else its site's, else the tenant's, else UTC, and says which", async () => {
  await api.expectOk(deviceDetailSchema, 'PATCH', `/v1/devices/${own}`, { zone: 'Europe/Berlin' });
  expect(await zoneOf(own)).toEqual({ name: 'Europe/Berlin', from: 'device' });
  expect(await zoneOf(atSite)).toEqual({ name: 'Asia/Kolkata', from: 'site' });
  expect(await zoneOf(alone)).toEqual({ name: 'UTC', from: 'default' });
  expect((await api.call('PATCH', '/v1/settings', { zone: 'America/New_York' })).status).toBe(200);
  expect(await zoneOf(alone)).toEqual({ name: 'America/New_York', from: 'tenant' });
  await api.expectOk(siteSchema, 'PATCH', `/v1/sites/${site}`, { zone: null });
  expect(await zoneOf(atSite)).toEqual({ name: 'America/New_York', from: 'tenant' });
  const { items } = await api.expectOk(devicePageSchema, 'GET', '/v1/devices?filter=zone==America/New_York');
  expect(items.map(({ id }) => id)).toEqual([atSite, alone]);
  const audit = await api.expectOk(auditPageSchema, 'GET', '/v1/audit');
  expect(audit.items.map(({ action }) => action)).toEqual(expect.arrayContaining(['tenant.zone', 'site.update', 'device.update']));
});

it('sets the zone of many, by id and by filter, and takes it away', async () => {
  const set = (body: object) => api.expectOk(tagsEditedSchema, 'POST', '/v1/devices/zone', body);
  expect(await set({ devices: [own, alone, '000000000z'], zone: 'Asia/Tokyo' })).toEqual({
    changed: 2,
    unknown: ['000000000z'],
    next: null,
  });
  expect(await set({ filter: 'zone==Asia/Tokyo', zone: null })).toMatchObject({ changed: 2 });
  expect(await zoneOf(own)).toMatchObject({ from: 'tenant' });
});

it.each(['Europe/Atlantis', '+02:00', 'europe;drop', ''])('refuses %j as a zone', async (zone) => {
  expect((await api.call('PATCH', `/v1/devices/${own}`, { zone })).status).toBe(422);
});

it('lets a viewer look and change nothing', async () => {
  const viewer = await api.tokenFor('main', 'viewer');
  expect((await api.call('GET', '/v1/settings', undefined, viewer)).status).toBe(200);
  expect((await api.call('PATCH', '/v1/settings', { zone: null }, viewer)).status).toBe(403);
  expect((await api.call('POST', '/v1/devices/zone', { devices: [own], zone: null }, viewer)).status).toBe(403);
});

it("shows when a schedule opens for a device, by the database's clock", async () => {
  await api.expectOk(deviceDetailSchema, 'PATCH', `/v1/devices/${own}`, { zone: 'Pacific/Chatham' });
  const schedule = { windows: [{ days: ['sun'], from: '23:00', to: '01:00' }] };
  const ask = (body: object) => api.expectOk(windowsPreviewSchema, 'POST', '/v1/windows/preview', body);
  const preview = await ask({ schedule, device: own, needS: 3600 });
  expect(preview.zone).toEqual({ name: 'Pacific/Chatham', from: 'device' });
  expect(Math.abs(Date.parse(preview.now) - api.ports.clock.wallMs())).toBeLessThan(60_000);
  expect(preview.openings.length).toBeGreaterThanOrEqual(2);
  expect(await ask({ schedule, zone: 'UTC', needS: 7201 })).toMatchObject({
    zone: { name: 'UTC', from: 'request' },
    reason: 'never-long-enough',
    next: null,
  });
  const stranger = await api.tokenFor('other', 'admin');
  expect((await api.call('POST', '/v1/windows/preview', { schedule, device: own }, stranger)).status).toBe(404);
  const same = { schedule: { windows: [{ days: ['sun'], from: '01:00', to: '01:00' }] }, zone: 'UTC' };
  expect((await api.call('POST', '/v1/windows/preview', same)).status).toBe(422);
});

it("reads every zone's clock as the database does, over the nights of a year", async () => {
  const { zones, edition } = await api.expectOk(zonesSchema, 'GET', '/v1/zones');
  expect(edition).toMatch(/^20\d\d[a-z]$/);
  const start = Date.UTC(2026, 0, 1);
  const rowsSchema = z.array(z.object({ zone: z.string(), offsets: z.array(z.number()) }));
  const { rows } = await api.database.pool.query(
    `select zone, array_agg(extract(epoch from (moment at time zone zone) at time zone 'UTC' - moment)::float8 order by moment) as offsets
       from unnest($1::text[]) as zone, generate_series(to_timestamp($2), to_timestamp($2) + interval '364 days', interval '7 days') as moment
      where zone in (select name from pg_timezone_names) group by zone`,
    [zones, start / 1000],
  );
  const read = rowsSchema.parse(rows);
  expect(read.length).toBeGreaterThan(300);
  const differing = read.filter(({ zone, offsets }) =>
    offsets.some((offset, week) => offsetAt(zone, start + week * 7 * 86_400_000) !== offset * 1000),
  );
  // Two editions of the database may differ in a zone whose country has just changed its mind.
  expect(differing.length).toBeLessThanOrEqual(4);
});
