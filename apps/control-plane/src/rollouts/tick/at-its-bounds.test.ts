import { rolloutSchema, type VersionRef } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../../api/testing/api-harness.ts';
import { addPolicy, reportedModem } from '../../api/testing/fleet.ts';
import { systemIds } from '../../platform/clock.ts';
import { lockTargets } from '../../targets/targets.repository.ts';
import { RolloutBench } from '../testing/rollout-bench.ts';

let api: ApiHarness;
let bench: RolloutBench;
let policy: VersionRef;
beforeAll(async () => {
  api = await createApiHarness();
  bench = new RolloutBench(api);
  await bench.hear();
  await api.call('PATCH', '/v1/rollouts/approval', { above: null });
  policy = await addPolicy(api, 'fleet.north');
});
afterAll(() => api.close());

const oneWave = (size: number) => ({ waves: { kind: 'counts', sizes: [size] } });
const opened = async (id: string) => (await bench.inState(id, 'opened')).length;

/** A new site, and `count` devices at it. */
async function siteWith(prefix: string, count: number): Promise<{ site: string; devices: string[] }> {
  const site = systemIds.uuid();
  await api.database.prisma.site.create({ data: { tenantId: 'main', id: site, name: `site ${prefix}` } });
  return { site, devices: await bench.devices(prefix, count, { siteId: site }) };
}

describe('caps, as Postgres counts them', () => {
  it('hold a site, a cell and a model to so many at once, and let go on as devices come to their ends', async () => {
    const { devices } = await siteWith('a', 6);
    const inCell = (cell: string) => ({ ...reportedModem, registration: { ...reportedModem.registration, area: '1A', cell } });
    for (const [index, id] of devices.entries()) {
      const data = {
        model: index < 4 ? 'ec25' : 'bg96',
        servingPlmn: '26201',
        reported: { uptimeS: 1, modems: [inCell(index % 2 ? 'B' : 'A')] },
      };
      await api.database.prisma.device.updateMany({ where: { id }, data });
    }
    const begin = async (caps: object) => {
      const { id } = await bench.start(policy, { devices }, { ...oneWave(6), caps });
      await bench.run();
      return id;
    };
    const bySite = await begin({ perSite: 2 });
    expect(await opened(bySite)).toBe(2);
    await bench.say(await bench.inState(bySite, 'opened'), 'applied');
    await bench.run();
    expect(await bench.get(bySite)).toMatchObject({ counts: { succeeded: 2, opened: 2, pending: 2 } });
    await bench.act(bySite, 'abort');
    await bench.say(devices, 'applied');
    await bench.run();
    policy = await addPolicy(api, 'fleet.cell');
    const byCell = await begin({ perCell: 1 });
    const cells = (await bench.inState(byCell, 'opened')).map((id) => devices.indexOf(id) % 2);
    expect(cells).toHaveLength(2);
    expect(new Set(cells)).toEqual(new Set([0, 1]));
    await bench.act(byCell, 'abort');
    await bench.say(devices, 'applied');
    await bench.run();
    policy = await addPolicy(api, 'fleet.model');
    const byModel = await begin({ perModel: 1 });
    const models = (await bench.inState(byModel, 'opened')).map((id) => (devices.indexOf(id) < 4 ? 'ec25' : 'bg96'));
    expect(models.toSorted()).toEqual(['bg96', 'ec25']);
    await bench.act(byModel, 'abort');
  });
});

describe('the brake', () => {
  /** Forty opened, so long ago that they say something, and none of them acknowledged in time. */
  async function slow(prefix: string, brake: object) {
    const devices = await bench.devices(prefix, 60);
    const settings = { ...oneWave(60), caps: { inFlight: 40 }, brake, timeouts: { reachS: 600 } };
    const { id } = await bench.start(policy, { devices }, settings);
    await bench.run();
    return { id, first: await bench.inState(id, 'opened') };
  }

  it('opens nobody while devices get their targets too slowly, says so, and lets go when it is better', async () => {
    const { id, first } = await slow('b', { deliveryS: 10 });
    await bench.pass(id, 60);
    await bench.say(first.slice(0, 10), 'applied');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'running', obstacle: 'brake.delivery', counts: { pending: 20 } });
    // Two minutes later nothing that recent is slow any more.
    await bench.pass(id, 200);
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ obstacle: null, counts: { pending: 10 } });
    await bench.act(id, 'abort');
  });

  it('lets go once those that it waited for have acknowledged, however late', async () => {
    const { id, first } = await slow('k', { deliveryS: 10 });
    await bench.pass(id, 60);
    await bench.say(first, 'applied');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ obstacle: 'brake.delivery', counts: { succeeded: 40, pending: 20 } });
    await bench.pass(id, 15);
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ obstacle: null, counts: { opened: 20, pending: 0 } });
    await bench.act(id, 'abort');
  });

  it('of a way back is not for those who are away: they get theirs whenever they return', async () => {
    const before = await addPolicy(api, 'fleet.before');
    const devices = await bench.devices('r', 60);
    await api.call('POST', '/v1/assignments', { policy: before, devices });
    await bench.say(devices, 'applied');
    const { id } = await bench.start(policy, { devices }, { ...oneWave(60), brake: { deliveryS: 10 }, caps: { inFlight: 30 } });
    await bench.run();
    for (const _half of [1, 2]) {
      await bench.say(devices, 'applied');
      await bench.run();
    }
    await api.database.prisma.device.updateMany({ where: { id: { in: devices.slice(0, 6) } }, data: { online: false } });
    await bench.act(id, 'revert');
    await bench.run();
    const way = (await api.database.prisma.rollout.findFirstOrThrow({ where: { revertOf: id } })).id;
    await bench.pass(way, 60);
    await bench.say(await bench.inState(way, 'opened'), 'applied');
    await bench.run();
    await bench.pass(way, 15);
    await bench.run();
    expect(await bench.get(way)).toMatchObject({ obstacle: null, counts: { pending: 0 } });
    await bench.act(way, 'abort');
  });

  it('holds on to confirms too, where it is told to', async () => {
    const { id, first } = await slow('c', { deliveryS: 600, confirmS: 20 });
    await bench.say(first, 'held');
    await bench.run();
    await bench.pass(id, 60);
    await api.database.pool.query(`update target set held_at = held_at - interval '60 seconds' where rollout_id = $1`, [id]);
    await bench.say(first, 'applied');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ obstacle: 'brake.confirm', counts: { succeeded: 40, pending: 20 } });
    await bench.act(id, 'abort');
  });
});

describe('a rollout', () => {
  it('with a time to start begins by itself then, and not before', async () => {
    const devices = await bench.devices('d', 1);
    const startAt = new Date(api.ports.clock.wallMs() + 3_600_000).toISOString();
    const draft = { name: 'later', policy, selection: { devices }, startAt };
    const { id } = await api.expectOk(rolloutSchema, 'POST', '/v1/rollouts', draft);
    for (const act of ['plan', 'submit']) await bench.act(id, act);
    await bench.run();
    expect(await bench.stateOf(id)).toBe('scheduled');
    await api.database.pool.query(`update rollout set start_at = now() where id = $1`, [id]);
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'running', counts: { opened: 1 } });
    await bench.act(id, 'abort');
  });

  it('opens nobody at a site that is put on hold while it runs, and goes on there when the hold is lifted', async () => {
    const { site, devices } = await siteWith('e', 4);
    const { id } = await bench.start(policy, { devices }, { ...oneWave(4), caps: { perSite: 1 } });
    await bench.run();
    await api.call('POST', `/v1/sites/${site}/hold`, { reason: 'a fitter is on the mast' });
    await bench.say(await bench.inState(id, 'opened'), 'applied');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ counts: { succeeded: 1, waiting: 3, opened: 0 } });
    expect([...(await bench.standings(id)).values()].filter(({ code }) => code === 'site.on-hold')).toHaveLength(3);
    await api.call('DELETE', `/v1/sites/${site}/hold`);
    await bench.run();
    expect(await opened(id)).toBe(1);
    await bench.act(id, 'abort');
  });
});

it('takes no step after another for a thousand devices that owe an answer while no edge hears them', async () => {
  const devices = await bench.devices('h', 1000);
  const { id } = await bench.start(policy, { devices }, { ...oneWave(1000), caps: { inFlight: 1000 } });
  await bench.run();
  await bench.hear(0);
  await bench.pass(id, 121);
  expect(await bench.tick.round()).toBe(false);
  await bench.hear();
  expect(await bench.tick.round()).toBe(true);
  await bench.act(id, 'abort');
});

/** While somebody else waits for a lock that this database gives. */
const isBlocked = `select 1 from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())`;

it('asks whether an edge hears devices once its turn has come, not when it began to wait for it', async () => {
  const [device = ''] = await bench.devices('w', 1);
  const { id } = await bench.start(policy, { devices: [device] });
  await bench.run();
  await bench.pass(id, 121);
  await bench.hear(1);
  const { pool, prisma } = api.database;
  let ticking = Promise.resolve();
  await prisma.$transaction(async (tx) => {
    await lockTargets(tx, 'main');
    ticking = bench.run();
    const isGone = `select from lease where name = 'edge' and expires_at < clock_timestamp() and exists (${isBlocked})`;
    await expect.poll(async () => (await pool.query(isGone)).rowCount, { timeout: 20_000 }).toBe(1);
  });
  await ticking;
  expect(await bench.get(id)).toMatchObject({ obstacle: 'edge.away', counts: { opened: 1 } });
  await bench.hear();
  await bench.act(id, 'abort');
});

describe('a device that acknowledges in the instant in which its target is taken back', () => {
  it('keeps it, and gets no second one', async () => {
    const [device = ''] = await bench.devices('f', 1);
    const { id } = await bench.start(policy, { devices: [device] });
    await bench.run();
    await bench.pass(id, 121);
    const { pool } = api.database;
    const ingest = await pool.connect();
    await ingest.query('begin');
    await ingest.query('update target set held_at = now() where device_id = $1', [device]);
    const ticking = bench.run();
    await expect.poll(async () => (await pool.query(isBlocked)).rows.length, { timeout: 20_000 }).toBe(1);
    await ingest.query('commit');
    ingest.release();
    await ticking;
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'changing', attempt: 1 });
    expect(await api.database.prisma.target.findFirst({ where: { deviceId: device } })).toMatchObject({ number: 1, withheld: false });
    await bench.say([device], 'applied');
    await bench.run();
    expect(await bench.stateOf(id)).toBe('finished');
  });
});
