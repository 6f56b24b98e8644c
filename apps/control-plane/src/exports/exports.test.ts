import { exportRowSchema, problemSchema } from '@towline/protocol/http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice, addPolicy } from '../api/testing/fleet.ts';
import { systemIds } from '../platform/clock.ts';
import { CsvReader } from '../targeting/csv/csv-reader.ts';
import { csvCell } from './export-lines.ts';

let api: ApiHarness;
const idOf = (number: number) => `f${String(number).padStart(9, '0')}`;
const fleetSize = 1203;
beforeAll(async () => {
  api = await createApiHarness();
  const name = (number: number) => (number === 1 ? '=1+1,"x"' : `gateway ${number}`);
  const data = Array.from({ length: fleetSize }, (_, number) => ({
    tenantId: 'main',
    id: idOf(number),
    name: name(number),
    tags: ['a', 'b'],
  }));
  await api.database.prisma.device.createMany({ data });
  await api.tokenFor('other', 'admin');
  await addDevice(api, { id: 'zzzzzzzzzz', tenantId: 'other' });
});
afterAll(() => api.close());

async function download(url: string, token = api.token) {
  const answer = await api.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } });
  return { status: answer.statusCode, headers: answer.headers, text: answer.body };
}
function rowsOf(csv: string): string[][] {
  const reader = new CsvReader();
  return [...(reader.push(csv) ?? []), ...reader.end()].map(({ cells }) => [...cells]);
}

describe('an export of devices', () => {
  it('has each of the tenant once, page after page, under a heading', async () => {
    const { headers, text } = await download('/v1/exports/devices');
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="devices.csv"',
      'x-total-count': String(fleetSize),
    });
    const [heading = [], ...rows] = rowsOf(text);
    expect(heading.slice(0, 4)).toEqual(['id', 'name', 'site', 'tags']);
    expect(rows.map(([id]) => id)).toEqual(Array.from({ length: fleetSize }, (_, number) => idOf(number)));
    expect(rows[1]?.slice(0, 4)).toEqual([idOf(1), `'=1+1,"x"`, '', 'a b']);
  });

  it('is filtered, and may be lines of JSON', async () => {
    const { headers, text } = await download(`/v1/exports/devices?format=ndjson&filter=${encodeURIComponent(`id=lt=${idOf(2)}`)}`);
    expect(headers['x-total-count']).toBe('2');
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => exportRowSchema.parse(JSON.parse(line)));
    expect(rows.map(({ id, name, online, signal }) => [id, name, online, signal])).toEqual([
      [idOf(0), 'gateway 0', false, null],
      [idOf(1), '=1+1,"x"', false, null],
    ]);
    expect(rowsOf((await download('/v1/exports/devices?filter=id==nobody')).text)).toHaveLength(1);
    const wrong = await download('/v1/exports/devices?filter=nope==1');
    expect(problemSchema.parse(JSON.parse(wrong.text)).code).toBe('filter.invalid');
  });
});

describe('an export of a rollout', () => {
  it('says where each of its devices stands', async () => {
    const policy = await addPolicy(api, 'internet');
    const id = systemIds.uuid();
    await api.database.pool.query(
      `insert into rollout (tenant_id, id, name, kind, policy_id, policy_version, selection, settings, created_by)
       values ('main', $1, 'r', 'policy', $2, 1, '{}', '{}', $1)`,
      [id, policy.id],
    );
    await api.database.prisma.rolloutDevice.create({
      data: { tenantId: 'main', rolloutId: id, deviceId: idOf(7), wave: 1, state: 'failed', code: 'apn.not-subscribed', attempt: 2 },
    });
    const { headers, text } = await download(`/v1/exports/rollouts/${id}/devices`);
    expect(headers['x-total-count']).toBe('1');
    const [heading = [], row = []] = rowsOf(text);
    const shown = Object.fromEntries(heading.map((column, index) => [column, row[index]]));
    expect(shown).toMatchObject({ device: idOf(7), wave: '1', state: 'failed', code: 'apn.not-subscribed', attempt: '2', openedAt: '' });
    expect((await download(`/v1/exports/rollouts/${id}/devices`, await api.tokenFor('other', 'admin'))).status).toBe(404);
  });
});

it('writes any text so that it is read back as it was, and no spreadsheet runs it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '=', '-', '@', ' ') }), (text) => {
      const [row] = rowsOf(`x,${csvCell(text)},y\r\n`);
      const read = row?.[1] ?? '';
      expect(read.replace(/^'/, '').trim()).toBe(text.trim());
      expect(read).not.toMatch(/^[=\-@]/);
    }),
  );
});
