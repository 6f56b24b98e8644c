import { silentLog } from '@towline/kit';
import { groupSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice, addPolicy } from '../api/testing/fleet.ts';
import { systemIds } from '../platform/clock.ts';
import { RolloutGrowth } from './rollout-growth.repository.ts';
import { RolloutBench } from './testing/rollout-bench.ts';

let api: ApiHarness;
let growth: RolloutGrowth;
beforeAll(async () => {
  api = await createApiHarness();
  growth = new RolloutGrowth(api.database, silentLog);
  for (const id of ['g000000001', 'g000000002', 'g000000003', 'g000000004']) await addDevice(api, { id, tags: ['new'] });
  await api.tokenFor('other', 'admin');
  await addDevice(api, { id: 'zzzzzzzzzz', tenantId: 'other', tags: ['new'] });
});
afterAll(() => api.close());

/** A rollout of one device in two waves, as planning leaves it. */
async function rollout(selection: object, state = 'running'): Promise<string> {
  const id = systemIds.uuid();
  await api.database.pool.query(
    `insert into rollout (tenant_id, id, name, kind, selection, settings, state, devices, created_by) values ('main', $1::uuid, 'r', 'policy', $2, '{}', $3, 1, $1::uuid)`,
    [id, JSON.stringify(selection), state],
  );
  for (const [number, size] of [
    [1, 1],
    [2, 0],
  ])
    await api.database.pool.query(`insert into rollout_wave (tenant_id, rollout_id, number, size) values ('main', $1, $2, $3)`, [
      id,
      number,
      size,
    ]);
  await api.database.prisma.rolloutDevice.create({
    data: { tenantId: 'main', rolloutId: id, deviceId: 'g000000001', wave: 1, place: 1, state: 'succeeded' },
  });
  return id;
}
const members = async (id: string) =>
  (await api.database.prisma.rolloutDevice.findMany({ where: { rolloutId: id }, orderBy: { place: 'asc' } })).map(
    ({ deviceId, wave, place, state }) => [deviceId, wave, place, state],
  );

it('takes in devices that have come to match, behind all others, as far as was approved', async () => {
  const id = await rollout({ filter: 'tag==new', dynamic: { growthLimit: 2 } });
  expect([await growth.grow(), await growth.grow()]).toEqual([2, 0]);
  expect(await members(id)).toEqual([
    ['g000000001', 1, 1, 'succeeded'],
    ['g000000002', 2, 2, 'pending'],
    ['g000000003', 2, 3, 'pending'],
  ]);
  expect(await api.database.prisma.rollout.findFirst({ where: { id } })).toMatchObject({ devices: 3, grown: 2 });
  expect(await api.database.prisma.rolloutWave.findFirst({ where: { rolloutId: id, number: 2 } })).toMatchObject({ size: 2 });
  expect(await api.database.prisma.rolloutCount.findFirst({ where: { rolloutId: id, wave: 2, state: 'pending' } })).toMatchObject({
    devices: 2,
  });
  expect(await api.database.prisma.auditEntry.count({ where: { subject: id, action: 'rollout.grow' } })).toBe(1);
});

it('takes in none for one that is static, or does not run', async () => {
  const ids = [await rollout({ filter: 'tag==new' }), await rollout({ filter: 'tag==new', dynamic: { growthLimit: 9 } }, 'paused')];
  expect(await growth.grow()).toBe(0);
  for (const id of ids) expect(await members(id)).toHaveLength(1);
});

it('goes on taking in for all others when one cannot grow, as its group is gone', async () => {
  const group = await api.expectOk(groupSchema, 'POST', '/v1/groups', { name: 'gone', rank: 1 });
  const stuck = await rollout({ group: group.id, dynamic: { growthLimit: 9 } });
  await api.call('DELETE', `/v1/groups/${group.id}`);
  const id = await rollout({ filter: 'tag==new', dynamic: { growthLimit: 1 } });
  expect(await growth.grow()).toBe(1);
  expect(await members(id)).toHaveLength(2);
  await api.database.pool.query(`update rollout set settled_at = now() where id = $1`, [stuck]);
});

it('takes in each device once when two tickers look at the same time', async () => {
  const id = await rollout({ filter: 'tag==new', dynamic: { growthLimit: 9 } });
  await Promise.all([growth.grow(), growth.grow(), growth.grow()]);
  expect(await members(id)).toHaveLength(4);
  expect(await api.database.prisma.rollout.findFirst({ where: { id } })).toMatchObject({ grown: 3 });
});

describe('a dynamic rollout', () => {
  let bench: RolloutBench;
  beforeAll(async () => {
    bench = new RolloutBench(api);
    await bench.hear();
  });

  const begin = async (tag: string, { growthLimit, apn = tag }: { growthLimit: number; apn?: string }) => {
    const selection = { filter: `tag==${tag}`, dynamic: { growthLimit } };
    return bench.start(await addPolicy(api, apn), selection, { waves: { kind: 'counts', sizes: [9] } });
  };

  async function goOn(id: string, devices: readonly string[]): Promise<void> {
    await growth.grow();
    await bench.run();
    expect(await bench.inState(id, 'opened')).toEqual(devices);
    await bench.say(devices, 'applied');
    await bench.run();
  }

  it('stays when all is done, takes in who comes later, and is finished once it has taken in as many as were approved', async () => {
    const first = await bench.devices('m', 2);
    const { id } = await begin('m', { growthLimit: 2 });
    await goOn(id, first);
    expect(await bench.get(id)).toMatchObject({ state: 'running', obstacle: 'rollout.may-grow' });
    const later = await bench.devices('n', 3);
    await api.call('POST', '/v1/devices/tags', { devices: later, add: ['m'] });
    await goOn(id, later.slice(0, 2));
    expect(await bench.get(id)).toMatchObject({ state: 'finished', reason: 'rollout.done', devices: 4, counts: { succeeded: 4 } });
  });

  it('that nobody belongs to yet waits for the first', async () => {
    const { id } = await begin('p', { growthLimit: 9 });
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'running', devices: 0 });
    await goOn(id, await bench.devices('p', 1));
    expect(await bench.get(id)).toMatchObject({ state: 'running', counts: { succeeded: 1 }, waves: [{ number: 1, size: 1 }] });
  });

  it('ends at its date, or when somebody lets it be enough', async () => {
    const devices = await bench.devices('q', 1);
    const dated = await begin('q', { growthLimit: 9 });
    await goOn(dated.id, devices);
    await bench.pass(dated.id, 15 * 86_400);
    await bench.run();
    expect(await bench.get(dated.id)).toMatchObject({ state: 'finished', reason: 'rollout.done' });
    const enough = await begin('q', { growthLimit: 9, apn: 'q.next' });
    await goOn(enough.id, devices);
    expect(await bench.act(enough.id, 'finish', { reason: 'enough' })).toMatchObject({ state: 'finished', reason: 'enough' });
  });
});
