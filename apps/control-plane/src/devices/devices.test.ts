import {
  type DeviceSort,
  deviceDetailSchema,
  devicePageSchema,
  groupSchema,
  membersChangedSchema,
  problemSchema,
  siteSchema,
  tagsEditedSchema,
} from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice, addPolicy, reportedModem } from '../api/testing/fleet.ts';
import { systemClock } from '../platform/clock.ts';

let api: ApiHarness;
const idOf = (number: number) => String(number).padStart(10, '0');
const fleetSize = 23;

/** Signals with ties and gaps: every third device never reported one. */
const signalOf = (number: number) => (number % 3 === 0 ? null : -80 - (number % 5));

beforeAll(async () => {
  api = await createApiHarness();
  const site = await api.expectOk(siteSchema, 'POST', '/v1/sites', { name: 'north' });
  for (let number = 1; number <= fleetSize; number += 1) {
    await addDevice(api, {
      id: idOf(number),
      name: number % 2 ? `Pump 50%_${number}` : `valve ${number}`,
      tags: number % 4 === 0 ? ['roof', 'solar'] : [],
      online: number % 2 === 0,
      signalDbm: signalOf(number),
      lastSeenAt: number % 5 === 0 ? null : new Date(Date.UTC(2026, 0, 1 + (number % 7))),
      model: number === 7 ? null : number % 2 ? 'bg96' : 'ec25',
      ...(number <= 3 ? { siteId: site.id } : {}),
      ...(number === 9 ? { faultCode: 'apn.not-subscribed' } : {}),
    });
  }
  const group = await api.expectOk(groupSchema, 'POST', '/v1/groups', { name: 'pilot', rank: 1 });
  await api.expectOk(membersChangedSchema, 'POST', `/v1/groups/${group.id}/members`, { add: [idOf(1), idOf(2)] });
  await api.tokenFor('other', 'admin');
  await addDevice(api, { id: 'zzzzzzzzzz', tenantId: 'other', name: 'pump of others', tags: ['roof'] });
});
afterAll(() => api.close());

async function pages(query: string, limit = 4): Promise<string[][]> {
  const read: string[][] = [];
  for (let next: string | null = ''; next !== null; ) {
    const page: { items: { id: string }[]; next: string | null } = await api.expectOk(
      devicePageSchema,
      'GET',
      `/v1/devices?limit=${limit}${query}${next === '' ? '' : `&cursor=${next}`}`,
    );
    read.push(page.items.map((device) => device.id));
    next = page.next;
  }
  return read;
}

const matchingIds = async (filter: string) => (await pages(`&filter=${encodeURIComponent(filter)}`, 500)).flat();
const matching = async (filter: string) => (await matchingIds(filter)).map(Number);
const everyNumber = Array.from({ length: fleetSize }, (_, index) => index + 1);

describe('a list of devices', () => {
  it.each<DeviceSort>(['id', '-id', 'name', '-name', 'lastSeen', '-lastSeen', 'signal', '-signal'])(
    'walks through all of them once, sorted by %s',
    async (sort) => {
      const read = (await pages(`&sort=${sort}`)).flat();
      expect(read.toSorted()).toEqual(everyNumber.map(idOf));
      expect(read).toEqual((await pages(`&sort=${sort}`, 500)).flat());
    },
  );

  it('shows the worst signal first and those without one last, either way round', async () => {
    const ascending = (await pages('&sort=signal')).flat().map((id) => signalOf(Number(id)));
    const valued = ascending.filter((signal) => signal !== null);
    expect(ascending.slice(0, valued.length)).toEqual(valued.toSorted((left, right) => left - right));
    const descending = (await pages('&sort=-signal')).flat().map((id) => signalOf(Number(id)));
    expect(descending.slice(0, valued.length)).toEqual(valued.toSorted((left, right) => right - left));
  });

  it.each<[string, (number: number) => boolean]>([
    ['tag==roof', (number) => number % 4 === 0],
    ['tag!=roof', (number) => number % 4 !== 0],
    ['tag=in=(roof,cellar);online==true', (number) => number % 4 === 0],
    ['tag==sol*', (number) => number % 4 === 0],
    ['name==*PUMP*', (number) => number % 2 === 1],
    ['name=="*50%_9"', (number) => number === 9],
    ['model!=bg96', (number) => number % 2 === 0 || number === 7],
    ['model=out=(bg96,ec25)', (number) => number === 7],
    ['signal=lt=-83', (number) => (signalOf(number) ?? 0) < -83],
    ['site==north', (number) => number <= 3],
    ['site!=north', (number) => number > 3],
    ['group==pilot,fault==apn.not-subscribed', (number) => [1, 2, 9].includes(number)],
    ['lastSeen=ge=2026-01-07T00:00:00Z', (number) => number % 5 !== 0 && number % 7 === 6],
    ['targetStatus==none', () => true],
    ['policy==anything', () => false],
    ['(online==true;signal=gt=-82),id==0000000005', (number) => number === 5 || (number % 2 === 0 && (signalOf(number) ?? -200) > -82)],
  ])('knows %s', async (filter, holds) => {
    expect(await matching(filter)).toEqual(everyNumber.filter(holds));
  });

  it('keeps a filter from page to page, by id and by signal', async () => {
    for (const sort of ['id', '-id', 'signal']) {
      const read = (await pages(`&sort=${sort}&filter=${encodeURIComponent('tag==roof,name==*PUMP*')}`, 2)).flat().map(Number);
      expect(read.toSorted((left, right) => left - right)).toEqual(everyNumber.filter((number) => number % 4 === 0 || number % 2 === 1));
    }
  });

  it.each(['name==', 'nme==x', 'signal==strong', '((id==1)', 'id==1;drop table device'])(
    'refuses the filter %s with what to do',
    async (filter) => {
      const answer = await api.call('GET', `/v1/devices?filter=${encodeURIComponent(filter)}`);
      expect(problemSchema.parse(answer.body)).toMatchObject({ status: 400, code: 'filter.invalid', errors: [{ path: 'filter' }] });
    },
  );

  it('takes whatever a value holds as a value', async () => {
    expect(await matching(`name=="'; drop table device; --"`)).toEqual([]);
    expect(await matching(String.raw`name=="*\\%*"`)).toEqual([]);
  });

  it('refuses a cursor of another sort', async () => {
    const { next } = await api.expectOk(devicePageSchema, 'GET', '/v1/devices?limit=1&sort=signal');
    expect(problemSchema.parse((await api.call('GET', `/v1/devices?sort=id&cursor=${next}`)).body)).toMatchObject({
      code: 'cursor.invalid',
    });
  });
});

describe('one device', () => {
  it('shows inventory, report, target and drift', async () => {
    await addDevice(api, { id: '00000000aa', modems: [reportedModem] });
    const policy = await addPolicy(api, 'other.apn');
    await api.call('POST', '/v1/assignments', { policy, devices: ['00000000aa'] });
    const device = await api.expectOk(deviceDetailSchema, 'GET', '/v1/devices/00000000aa');
    expect(device).toMatchObject({
      credential: 'valid',
      target: { status: 'waiting', version: { epoch: 1, number: 1 } },
      reported: { uptimeS: 60 },
    });
    expect(device.drift.map(({ field }) => field)).toEqual(['rule', 'profile', 'apn']);
    expect(await matchingIds('targetStatus==waiting;policy==policy*')).toEqual(['00000000aa']);
  });

  it('shows how its change stands, why it was given up, and is found by that', async () => {
    await addDevice(api, { id: '00000000cc', modems: [reportedModem] });
    await api.call('POST', '/v1/assignments', { policy: await addPolicy(api, 'third.apn'), devices: ['00000000cc'] });
    const target = async () => (await api.expectOk(deviceDetailSchema, 'GET', '/v1/devices/00000000cc')).target;
    expect(await target()).toMatchObject({ change: null, fault: null, underway: null, pause: null });
    const underway = { transaction: 'change-1', phase: 'announcing', reach: 'proven' };
    const announcedAt = new Date('2026-11-21T12:00:00Z');
    const where = { deviceId: '00000000cc' };
    const applying = { status: 'applying', statusDetail: { change: underway, fault: null }, change: 'change-1', announcedAt };
    await api.database.prisma.target.updateMany({ where, data: applying });
    const change = { transaction: 'change-1', announcedAt: announcedAt.toISOString(), confirmedAt: null };
    expect(await target()).toMatchObject({ status: 'applying', underway, change, pause: null });
    const waiting = { change: null, fault: null, pause: { triesLeft: 2, until: Date.UTC(2026, 10, 21, 13) } };
    await api.database.prisma.target.updateMany({ where, data: { statusDetail: waiting } });
    expect(await target()).toMatchObject({ underway: null, pause: { triesLeft: 2, until: '2026-11-21T13:00:00.000Z' } });
    const fault = { code: 'apn.not-subscribed', evidence: ['+CME ERROR: 33'] };
    await api.database.prisma.target.updateMany({ where, data: { status: 'reverted', statusDetail: { change: null, fault } } });
    expect(await target()).toMatchObject({ status: 'reverted', fault, underway: null });
    expect(await matchingIds('targetStatus==reverted')).toEqual(['00000000cc']);
    expect(await matchingIds('targetStatus==waiting')).not.toContain('00000000cc');
  });

  it('is changed, loses its credential and is forgotten, and other tenants see nothing of it', async () => {
    await addDevice(api, { id: '00000000bb' });
    const stranger = await api.tokenFor('other', 'admin');
    for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
      expect((await api.call(method, '/v1/devices/00000000bb', method === 'PATCH' ? { name: 'x' } : undefined, stranger)).status).toBe(404);
    }
    const renamed = await api.expectOk(deviceDetailSchema, 'PATCH', '/v1/devices/00000000bb', { name: 'B', tags: ['b', 'a', 'b'] });
    expect(renamed).toMatchObject({ name: 'B', tags: ['a', 'b'] });
    expect((await api.call('DELETE', '/v1/devices/00000000bb/credential')).status).toBe(204);
    expect((await api.expectOk(deviceDetailSchema, 'GET', '/v1/devices/00000000bb')).credential).toBe('revoked');
    expect((await api.call('DELETE', '/v1/devices/00000000bb')).status).toBe(204);
    expect((await api.call('GET', '/v1/devices/00000000bb')).status).toBe(404);
  });

  it('refuses a site of another tenant like one that does not exist', async () => {
    const site = await api.database.prisma.site.create({
      data: { tenantId: 'other', id: '44444444-4444-4444-8444-444444444444', name: 'theirs' },
    });
    const answer = await api.call('PATCH', `/v1/devices/${idOf(1)}`, { site: site.id });
    expect(problemSchema.parse(answer.body)).toMatchObject({ status: 422, errors: [{ path: 'site', message: 'no such site' }] });
  });
});

describe('tags of many devices', () => {
  it('change for those named, and the unknown are told', async () => {
    const edited = await api.expectOk(tagsEditedSchema, 'POST', '/v1/devices/tags', {
      devices: [idOf(4), idOf(5), 'zzzzzzzzzz'],
      add: ['roof', 'new'],
    });
    expect(edited).toEqual({ changed: 2, unknown: ['zzzzzzzzzz'], next: null });
    expect(await matching('tag==new')).toEqual([4, 5]);
    const again = await api.expectOk(tagsEditedSchema, 'POST', '/v1/devices/tags', { devices: [idOf(4), idOf(5)], add: ['new'] });
    expect(again.changed).toBe(0);
  });

  it('change for those a filter finds, even when the edit changes what it finds', async () => {
    const edited = await api.expectOk(tagsEditedSchema, 'POST', '/v1/devices/tags', { filter: 'tag==solar', remove: ['solar'] });
    expect(edited.changed).toBe(everyNumber.filter((number) => number % 4 === 0).length);
    expect(await matching('tag==solar')).toEqual([]);
  });
});

describe('tags of more devices than one request edits', () => {
  it('are edited over several, each going on where the last one stood', async () => {
    let now = 0;
    // Each look at it is past the time that a request may take.
    const hurried = await createApiHarness({ clock: { ...systemClock, monotonicMs: () => (now += 60_000) } });
    const data = Array.from({ length: 2100 }, (_, number) => ({ tenantId: 'main', id: idOf(number), name: idOf(number), tags: ['old'] }));
    await hurried.database.prisma.device.createMany({ data });
    const changes: number[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const body = { filter: 'tag==old', add: ['new'], remove: ['old'], ...(cursor === undefined ? {} : { cursor }) };
      const edited = await hurried.expectOk(tagsEditedSchema, 'POST', '/v1/devices/tags', body);
      changes.push(edited.changed);
      cursor = edited.next;
    }
    expect(changes).toEqual([1000, 1000, 100]);
    expect(await hurried.database.prisma.device.count({ where: { tags: { equals: ['new'] } } })).toBe(2100);
    await hurried.close();
  });
});
