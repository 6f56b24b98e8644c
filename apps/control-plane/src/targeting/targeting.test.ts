import { silentLog } from '@towline/kit';
import {
  deviceDetailSchema,
  devicePageSchema,
  groupSchema,
  importedListSchema,
  importLineSchema,
  membersChangedSchema,
  problemSchema,
  type Selection,
  selectionSchema,
} from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice } from '../api/testing/fleet.ts';
import { SelectionRepository } from './selection.repository.ts';

let api: ApiHarness;
const idOf = (number: number) => `d${String(number).padStart(9, '0')}`;
const imeiOf = (number: number) => `8600000000000${String(number).padStart(2, '0')}`;
const iccidOf = (number: number) => `89490200000000000${String(number).padStart(2, '0')}`;

beforeAll(async () => {
  api = await createApiHarness();
  for (let number = 1; number <= 12; number += 1)
    await addDevice(api, { id: idOf(number), tags: number % 2 ? ['odd'] : [], imei: imeiOf(number), iccid: iccidOf(number) });
  await api.tokenFor('other', 'admin');
  await addDevice(api, { id: 'zzzzzzzzzz', tenantId: 'other', tags: ['odd'], imei: imeiOf(1), iccid: iccidOf(90) });
});
afterAll(() => api.close());

async function upload(name: string, file: string, { partial = false, type = 'text/csv', token = api.token, told = false } = {}) {
  const url = `/v1/device-lists${told ? '/stream' : ''}?name=${encodeURIComponent(name)}${partial ? '&partial=true' : ''}`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const answer = await api.app.inject({ method: 'POST', url, headers, payload: file });
  return { status: answer.statusCode, text: answer.body, body: told ? null : answer.json<unknown>() };
}
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => importLineSchema.parse(JSON.parse(line)));
const lists = () => api.database.prisma.deviceList.count();

async function idsOf(selection: Selection, pageSize = 5, tenant = 'main'): Promise<string[][]> {
  const pages: string[][] = [];
  for await (const page of new SelectionRepository(api.database).pages(tenant, selection, pageSize)) pages.push(page);
  return pages;
}

describe('an imported list', () => {
  it('takes device ids, ICCIDs and IMEIs, and names each device once', async () => {
    const file = `id,imei,iccid\n${idOf(3)},,\n,${imeiOf(1)},\n,,${iccidOf(2)}\n,${imeiOf(3)},\n`;
    const { status, body } = await upload('mixed', file);
    expect(status).toBe(201);
    const list = importedListSchema.parse(body);
    expect(list).toMatchObject({ devices: 3, rows: 4, repeated: 1, bad: 0, badRows: [] });
    expect(await idsOf({ list: list.id })).toEqual([[idOf(1), idOf(2), idOf(3)]]);
  });

  it('is all or nothing, and names each bad row by its line', async () => {
    const before = await lists();
    const file = `imei\n${imeiOf(1)}\n8.6E+14\n${imeiOf(77)}\n\n;\n`;
    const { status, body } = await upload('bad', file);
    expect(status).toBe(422);
    expect(problemSchema.parse(body).errors?.map(({ path, message }) => [path, message.split(':')[0]])).toEqual([
      ['line 3', 'row.unreadable'],
      ['line 4', 'device.not-found'],
      ['line 6', 'row.unreadable'],
    ]);
    expect(await lists()).toBe(before);
    const partial = importedListSchema.parse((await upload('partial', file, { partial: true })).body);
    expect(partial).toMatchObject({ devices: 1, bad: 3 });
    expect(partial.badRows.map(({ line }) => line)).toEqual([3, 4, 6]);
  });

  it('names no device of another tenant, neither by id nor by what its SIM is called', async () => {
    const { body } = await upload('others', `zzzzzzzzzz\n${iccidOf(90)}\n`);
    expect(problemSchema.parse(body).errors?.map(({ message }) => message.split(':')[0])).toEqual(['device.not-found', 'device.not-found']);
    const own = importedListSchema.parse((await upload('own', imeiOf(1))).body);
    expect(await idsOf({ list: own.id })).toEqual([[idOf(1)]]);
    await expect(idsOf({ list: own.id }, 5, 'other')).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('refuses a name twice, another type, and a reader who may not write', async () => {
    await upload('twice', idOf(1));
    expect((await upload('twice', idOf(2))).status).toBe(409);
    expect((await upload('json', '{}', { type: 'application/json' })).status).toBe(415);
    expect((await upload('viewer', idOf(1), { token: await api.tokenFor('main', 'viewer') })).status).toBe(403);
    expect((await upload('empty', '', { partial: true })).status).toBe(422);
  });

  it('says that one of two devices with the same IMEI cannot be told', async () => {
    await addDevice(api, { id: 'twin000001', imei: imeiOf(50) });
    await addDevice(api, { id: 'twin000002', imei: imeiOf(50) });
    const { body } = await upload('twins', imeiOf(50));
    expect(problemSchema.parse(body).errors?.[0]?.message).toContain('device.ambiguous');
  });
});

describe('an import that is told as it goes', () => {
  it('tells rows as they are looked up, and the list at the end', async () => {
    const file = `${Array.from({ length: 4_500 }, () => idOf(5)).join('\n')}\n`;
    const { status, text } = await upload('told', file, { told: true });
    expect(status).toBe(200);
    const steps = [2_000, 4_000, 4_500].map((rows) => ({ progress: { rows, of: 4_500 } }));
    expect(linesOf(text)).toMatchObject([...steps, { list: { name: 'told', devices: 1, repeated: 4_499 } }]);
  });

  it('ends with the problem for which nothing was imported', async () => {
    const before = await lists();
    const { text } = await upload('told bad', `${idOf(1)}\nnonsense\n`, { told: true });
    expect(linesOf(text)).toMatchObject([
      { progress: { rows: 2, of: 2 } },
      { problem: { code: 'request.invalid', errors: [{ path: 'line 2' }] } },
    ]);
    expect(await lists()).toBe(before);
  });

  it('is cut short where it fails for no fault of the file, and the log says why', async () => {
    const logged: unknown[] = [];
    const broken = await createApiHarness({ log: { ...silentLog, error: (event, fields) => void logged.push({ event, ...fields }) } });
    await addDevice(broken, { id: idOf(1) });
    await broken.database.pool.query('alter table device_list rename to device_list_gone');
    const headers = { authorization: `Bearer ${broken.token}`, 'content-type': 'text/csv' };
    const url = '/v1/device-lists/stream?name=broken';
    await expect(broken.app.inject({ method: 'POST', url, headers, payload: idOf(1) })).rejects.toThrow('destroyed');
    expect(logged).toMatchObject([{ event: 'http.request-failed', path: '/v1/device-lists/stream' }]);
    await broken.close();
  });

  it('is refused like the other where it is no CSV, or the caller may not', async () => {
    expect((await upload('json', '{}', { type: 'application/json', told: true })).status).toBe(415);
    expect((await upload('viewer', idOf(1), { token: await api.tokenFor('main', 'viewer'), told: true })).status).toBe(403);
  });
});

describe('a selection', () => {
  it('is walked page by page in the order of ids, by filter, group or name', async () => {
    const odd = [1, 3, 5, 7, 9, 11].map(idOf);
    expect(await idsOf({ filter: 'tag==odd' }, 4)).toEqual([odd.slice(0, 4), odd.slice(4)]);
    expect(await idsOf({ filter: 'tag==odd' }, 6)).toEqual([odd]);
    expect(await idsOf({ devices: [idOf(2), 'zzzzzzzzzz', idOf(1)] })).toEqual([[idOf(1), idOf(2)]]);
    expect(await idsOf({ filter: 'tag==never' })).toEqual([]);
    const group = await api.expectOk(groupSchema, 'POST', '/v1/groups', { name: 'saved', rank: 7, filter: 'tag==odd;id=lt=d000000006' });
    await api.expectOk(membersChangedSchema, 'POST', `/v1/groups/${group.id}/members`, { add: [idOf(2), idOf(3)] });
    expect((await idsOf({ group: group.id })).flat()).toEqual([1, 2, 3, 5].map(idOf));
    expect(await new SelectionRepository(api.database).count('main', { group: group.id })).toBe(4);
  });

  it('by a saved filter gains whoever comes to match it', async () => {
    const group = await api.expectOk(groupSchema, 'POST', '/v1/groups', { name: 'grows', rank: 8, filter: 'tag==new' });
    expect(await idsOf({ group: group.id })).toEqual([]);
    await api.call('POST', '/v1/devices/tags', { devices: [idOf(4)], add: ['new'] });
    expect(await idsOf({ group: group.id })).toEqual([[idOf(4)]]);
    const { groups } = await api.expectOk(deviceDetailSchema, 'GET', `/v1/devices/${idOf(4)}`);
    expect(groups).toContainEqual({ id: group.id, name: 'grows', rank: 8 });
  });

  it('by a filter knows groups by name, with those that their filters match', async () => {
    const group = await api.expectOk(groupSchema, 'POST', '/v1/groups', {
      name: 'Odd ones',
      rank: 11,
      filter: 'tag==odd;id=lt=d000000006',
    });
    await api.expectOk(membersChangedSchema, 'POST', `/v1/groups/${group.id}/members`, { add: [idOf(2)] });
    const filtered = async (filter: string) =>
      (await idsOf({ filter: `(${filter});imei==86000*` }, 50)).flat().filter((id) => id < idOf(9));
    const inside = [1, 2, 3, 5].map(idOf);
    const outside = [4, 6, 7, 8].map(idOf);
    expect(await filtered('group=="Odd ones"')).toEqual(inside);
    expect(await filtered('group==odd*')).toEqual(inside);
    expect(await filtered('group!="Odd ones"')).toEqual(outside);
    expect(await filtered('group=out=("Odd ones",nobody)')).toEqual(outside);
    expect(await filtered('group=="odd ones"')).toEqual([]);
    expect(await filtered('group=="Odd ones";tag!=odd')).toEqual([idOf(2)]);
    const listed = await api.expectOk(devicePageSchema, 'GET', `/v1/devices?filter=${encodeURIComponent('group=="Odd ones"')}`);
    expect(listed.items.map(({ id }) => id)).toEqual(inside);
  });

  it('says exactly one way, and grows only where it can', () => {
    const fits = (selection: object) => selectionSchema.safeParse(selection).success;
    expect(fits({ filter: 'tag==a', dynamic: { growthLimit: 10 } })).toBe(true);
    expect(fits({ devices: [idOf(1)], dynamic: { growthLimit: 10 } })).toBe(false);
    expect(fits({ filter: 'tag==a', devices: [idOf(1)] })).toBe(false);
    expect(fits({})).toBe(false);
  });

  it('refuses a filter that asks for groups, for no group may depend on itself', async () => {
    const answer = await api.call('POST', '/v1/groups', { name: 'loop', rank: 9, filter: 'tag==a,group==loop' });
    expect(problemSchema.parse(answer.body)).toMatchObject({ code: 'filter.invalid' });
  });
});
