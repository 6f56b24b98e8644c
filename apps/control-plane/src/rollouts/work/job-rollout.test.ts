import { rolloutSchema, webhookMessageSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type ApiHarness, createApiHarness } from '../../api/testing/api-harness.ts';
import { saveJobReports } from '../../ingest/job-reports.repository.ts';
import type { JobState } from '../../ingest/job-state.ts';
import { readDown } from '../../outbox/down-messages.repository.ts';
import { systemIds } from '../../platform/clock.ts';
import { inTransaction } from '../../platform/database.ts';
import { RolloutBench } from '../testing/rollout-bench.ts';

const order = { kind: 'reset-modem' };
const jobRow = z.object({ id: z.uuid(), device: z.string(), state: z.string() });
let api: ApiHarness;
let bench: RolloutBench;
beforeAll(async () => {
  api = await createApiHarness();
  bench = new RolloutBench(api);
  await bench.hear();
});
afterAll(() => api.close());

async function start(devices: readonly string[], settings: object = {}, what: object = order): Promise<string> {
  const draft = { name: 'an order', order: what, selection: { devices }, settings };
  const { id } = await api.expectOk(rolloutSchema, 'POST', '/v1/rollouts', draft);
  for (const act of ['plan', 'submit', 'start']) await bench.act(id, act);
  await bench.run();
  return id;
}

/** Jobs of these devices, oldest first. */
async function jobsOf(devices: readonly string[]) {
  const { rows } = await api.database.pool.query(
    'select id, device_id as device, state::text from job where device_id = any($1) order by device_id, created_at, id',
    [devices],
  );
  return z.array(jobRow).parse(rows);
}

/** The newest job of each device is told to be so, by the very code that ingest uses. */
async function say(
  devices: readonly string[],
  state: Exclude<JobState, 'queued'>,
  { fault, repeated }: { fault?: string; repeated?: true } = {},
): Promise<void> {
  const newest = new Map((await jobsOf(devices)).map((job) => [job.device, job]));
  const reports = [...newest.values()].map(({ id, device }) => {
    const told = {
      id,
      state,
      progress: state === 'accepted' || state === 'running' ? 10 : 100,
      fault: fault === undefined ? null : { code: fault, evidence: [] },
      result: null,
      repeated,
    };
    const envelope = { epoch: 'aaaaaaaa', sequence: 1, base: 1, sentAt: 0 };
    return { kind: 'job' as const, address: { tenant: 'main', device }, receivedAt: 0, report: { ...envelope, ...told } };
  });
  await inTransaction(api.database.pool, (client) => saveJobReports(client, reports));
  await bench.run();
}

describe('a rollout of an order', () => {
  it('gives each device one job, wave by wave, and finishes when all have done it', async () => {
    const devices = await bench.devices('a', 5);
    const id = await start(devices, { waves: { kind: 'counts', sizes: [2, 3] } });
    const first = await bench.inState(id, 'opened');
    expect((await jobsOf(devices)).map(({ device }) => device)).toEqual(first);
    expect(await api.database.prisma.outbox.count({ where: { deviceId: { in: devices }, channel: 'job' } })).toBe(2);
    await say(first, 'accepted');
    expect((await bench.get(id)).counts).toMatchObject({ changing: 2, pending: 3 });
    await say(first, 'succeeded');
    const second = await bench.inState(id, 'opened');
    expect(second).toHaveLength(3);
    await say(second, 'succeeded');
    expect(await bench.get(id)).toMatchObject({
      kind: 'job',
      order,
      policy: null,
      state: 'finished',
      reason: 'rollout.done',
      counts: { succeeded: 5 },
    });
    expect(await jobsOf(devices)).toHaveLength(5);
    const { kept, real } = await bench.counts(id);
    expect(kept).toEqual(real);
  });

  it('stops when too many fail, with the reason of each, and tries again with another job', async () => {
    const devices = await bench.devices('b', 4);
    const retries = { attempts: 1, baseS: 60 };
    const id = await start(devices, { waves: { kind: 'counts', sizes: [4] }, breaker: { percent: 40, minimumSample: 2 }, retries });
    await say(devices.slice(0, 2), 'failed', { fault: 'modem.absent' });
    expect(await bench.get(id)).toMatchObject({ state: 'paused', reason: 'breaker.percent' });
    expect([...(await bench.standings(id)).values()].filter(({ code }) => code === 'modem.absent')).toHaveLength(2);
    await say(devices.slice(2), 'succeeded');
    await bench.act(id, 'resume');
    await bench.pass(id, 121);
    await bench.run();
    expect(await jobsOf(devices)).toHaveLength(6);
    await say(devices.slice(0, 2), 'succeeded');
    expect(await bench.get(id)).toMatchObject({ state: 'finished', counts: { succeeded: 4 } });
  });

  it('tells endpoints how it goes, as an order', async () => {
    const endpoint = {
      tenantId: 'main',
      id: systemIds.uuid(),
      url: 'https://hooks.example.net',
      description: '',
      secret: '',
      createdBy: systemIds.uuid(),
    };
    await api.database.prisma.webhookEndpoint.create({ data: { ...endpoint, types: ['rollout.*'] } });
    const devices = await bench.devices('p', 4);
    const id = await start(devices, { waves: { kind: 'counts', sizes: [2, 2] }, breaker: { percent: 40, minimumSample: 2 } });
    await say(devices, 'failed', { fault: 'modem.absent' });
    await bench.act(id, 'resume');
    await bench.act(id, 'next-wave');
    await bench.run();
    await say(await bench.inState(id, 'opened'), 'succeeded');
    const told = await api.database.prisma.webhookDelivery.findMany({ where: { endpointId: endpoint.id } });
    const messages = told.map(({ body }) => webhookMessageSchema.parse(body));
    for (const message of messages) expect(message).toMatchObject({ subject: id, data: { kind: 'job' } });
    expect(messages.map(({ type, data }) => `${type} ${String(data.reason ?? data.wave)}`)).toEqual(
      expect.arrayContaining([
        'rollout.wave-opened 1',
        'rollout.halted breaker.percent',
        'rollout.wave-opened 2',
        'rollout.finished rollout.done',
      ]),
    );
    await api.database.prisma.webhookEndpoint.deleteMany();
  });

  it('takes a job that nobody took back, and gives the same when the device returns, so that none is done twice', async () => {
    const [device = ''] = await bench.devices('c', 1);
    const id = await start([device], { timeouts: { reachS: 30 } });
    await api.database.prisma.device.updateMany({ where: { id: device }, data: { online: false } });
    await bench.pass(id, 31);
    await bench.run();
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'waiting', code: 'device.unreached' });
    const { rows } = await api.database.pool.query('select 1 from job where device_id = $1 and expires_at > now()', [device]);
    expect(rows).toEqual([]);
    await api.database.prisma.device.updateMany({ where: { id: device }, data: { online: true } });
    await bench.run();
    expect(await bench.inState(id, 'opened')).toEqual([device]);
    expect(await jobsOf([device])).toMatchObject([{ state: 'queued' }]);
    expect(await api.database.prisma.outbox.count({ where: { deviceId: device, channel: 'job' } })).toBe(2);
    await say([device], 'succeeded');
    expect(await bench.get(id)).toMatchObject({ state: 'finished' });
  });

  it('believes a device that took a job in time and said so too late, and gives it no other', async () => {
    const [device = ''] = await bench.devices('h', 1);
    const id = await start([device], { timeouts: { reachS: 30 } });
    await api.database.prisma.device.updateMany({ where: { id: device }, data: { online: false } });
    await bench.pass(id, 31);
    await bench.run();
    await api.database.pool.query(`update job set state = 'expired' where device_id = $1`, [device]);
    await say([device], 'running');
    await api.database.prisma.device.updateMany({ where: { id: device }, data: { online: true } });
    await bench.run();
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'changing' });
    expect(await jobsOf([device])).toHaveLength(1);
    await say([device], 'succeeded');
    expect(await bench.get(id)).toMatchObject({ state: 'finished', counts: { succeeded: 1 } });
  });

  it('counts a job that was called off before its device took it as failed, and gives it to nobody again', async () => {
    const [here = '', away = ''] = await bench.devices('k', 2);
    const settings = { waves: { kind: 'counts', sizes: [2] }, timeouts: { reachS: 30 }, breaker: { percent: 100 } };
    const id = await start([here, away], settings);
    const callOff = async (device: string) => {
      const [job] = await jobsOf([device]);
      await api.call('POST', `/v1/jobs/${job?.id}/cancel`);
    };
    await callOff(here);
    await api.database.prisma.device.updateMany({ where: { id: away }, data: { online: false } });
    await bench.pass(id, 31);
    await bench.run();
    expect((await bench.standings(id)).get(here)).toMatchObject({ state: 'failed', code: 'job.cancelled' });
    expect((await bench.standings(id)).get(away)).toMatchObject({ state: 'waiting' });
    await callOff(away);
    await api.database.prisma.device.updateMany({ where: { id: away }, data: { online: true } });
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'finished', counts: { failed: 2 } });
    expect(await jobsOf([here, away])).toHaveLength(2);
  });

  it('leaves a job that its device takes in the instant in which it would be given again', async () => {
    const [device = ''] = await bench.devices('m', 1);
    const id = await start([device], { timeouts: { reachS: 30 } });
    await api.database.prisma.device.updateMany({ where: { id: device }, data: { online: false } });
    await bench.pass(id, 31);
    await bench.run();
    await api.database.prisma.device.updateMany({ where: { id: device }, data: { online: true } });
    const { pool } = api.database;
    const ingest = await pool.connect();
    await ingest.query('begin');
    await ingest.query(`update job set state = 'running', progress = 10 where device_id = $1`, [device]);
    const ticking = bench.run();
    const isBlocked = `select 1 from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())`;
    await expect.poll(async () => (await pool.query(isBlocked)).rows.length, { timeout: 20_000 }).toBe(1);
    await ingest.query('commit');
    ingest.release();
    await ticking;
    expect(await jobsOf([device])).toMatchObject([{ state: 'running' }]);
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'changing' });
    await say([device], 'succeeded');
    expect(await bench.stateOf(id)).toBe('finished');
  });

  it('gives the very same job again in a database that was restored to before it was given', async () => {
    const [device = ''] = await bench.devices('n', 1);
    const id = await start([device]);
    const before = await jobsOf([device]);
    await api.database.prisma.job.deleteMany({ where: { deviceId: device } });
    const backup = `update rollout_device set state = 'pending', attempt = 0, watched = false, job_id = null where rollout_id = $1`;
    await api.database.pool.query(backup, [id]);
    await bench.run();
    expect(await jobsOf([device])).toEqual(before);
    await say([device], 'succeeded');
    expect(await bench.stateOf(id)).toBe('finished');
  });

  it('stands when a device remembers an order that the restored database gives again, until a person lets it go on, and when that happens once more', async () => {
    const devices = await bench.devices('q', 4);
    const id = await start(devices, { waves: { kind: 'counts', sizes: [4] }, caps: { inFlight: 1 } });
    await say(await bench.inState(id, 'opened'), 'succeeded', { repeated: true });
    expect(await bench.get(id)).toMatchObject({ state: 'paused', reason: 'database.restored', counts: { succeeded: 1, pending: 3 } });
    await bench.act(id, 'resume');
    await bench.run();
    await say(await bench.inState(id, 'opened'), 'failed', { fault: 'modem.absent', repeated: true });
    expect(await bench.get(id)).toMatchObject({ state: 'running', counts: { succeeded: 1, failed: 1, opened: 1 } });
    // A backup of this moment, restored a day later: nobody was heard since.
    await api.database.pool.query(`update rollout set heard_at = heard_at - interval '1 day' where id = $1`, [id]);
    await bench.run();
    await say(await bench.inState(id, 'opened'), 'succeeded', { repeated: true });
    expect(await bench.get(id)).toMatchObject({ state: 'paused', reason: 'database.restored', counts: { succeeded: 2, pending: 1 } });
    await bench.act(id, 'abort');
  });

  it.each([
    { prefix: 's', what: 'it said nothing more of', since: `update job set state = 'running' where device_id = $1` },
    {
      prefix: 't',
      what: 'was taken to have failed in silence',
      since: `update job set state = 'failed', fault = '{"code":"job.silent","evidence":[]}' where device_id = $1`,
    },
  ])('asks a device again for the end of a job that $what, and gives it no other', async ({ prefix, since }) => {
    const [device = ''] = await bench.devices(prefix, 1);
    const id = await start([device], { timeouts: { answerS: 60 }, retries: { attempts: 1, baseS: 60 } });
    await say([device], 'running');
    await bench.pass(id, 61);
    await bench.run();
    await api.database.pool.query(since, [device]);
    await api.database.pool.query(`update job set expires_at = now() - interval '1 day' where device_id = $1`, [device]);
    await api.database.prisma.outbox.deleteMany({ where: { deviceId: device } });
    await bench.run();
    await bench.pass(id, 121);
    await bench.run();
    const [job, ...others] = await jobsOf([device]);
    expect(others).toEqual([]);
    const note = { tenantId: 'main', deviceId: device, channel: 'job' as const, subject: job?.id ?? null };
    expect(await api.database.prisma.outbox.count({ where: note })).toBe(1);
    const asked = await inTransaction(api.database.pool, (client) => readDown(client, [note], api.ports.sealer));
    expect(asked).toMatchObject([{ ok: true, message: { action: 'start', id: job?.id } }]);
    await say([device], 'succeeded', { repeated: true });
    expect(await bench.get(id)).toMatchObject({ state: 'finished', counts: { succeeded: 1 } });
  });

  it('takes a job that the device itself let run out for failed', async () => {
    const [device = ''] = await bench.devices('j', 1);
    const id = await start([device]);
    await say([device], 'expired');
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'failed', code: 'job.expired' });
  });

  it('takes silence for a failure, and a late word for what it says, without ordering it twice', async () => {
    const [device = ''] = await bench.devices('d', 1);
    const id = await start([device], { timeouts: { answerS: 60 }, retries: { attempts: 1, baseS: 60 } });
    await say([device], 'running');
    await bench.pass(id, 61);
    await bench.run();
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'silent' });
    await bench.pass(id, 61);
    await bench.run();
    expect(await jobsOf([device])).toHaveLength(1);
    await say([device], 'succeeded');
    expect(await bench.get(id)).toMatchObject({ state: 'finished', counts: { succeeded: 1 } });
  });

  it('keeps off a site on hold, and off a device with as many jobs as it may have', async () => {
    const site = await api.database.prisma.site.create({ data: { tenantId: 'main', id: systemIds.uuid(), name: 'held' } });
    await api.database.prisma.siteHold.create({ data: { tenantId: 'main', siteId: site.id, reason: 'work', heldBy: systemIds.uuid() } });
    const [held = ''] = await bench.devices('e', 1, { siteId: site.id });
    const [full = ''] = await bench.devices('f', 1);
    const job = {
      tenantId: 'main',
      deviceId: full,
      order,
      createdBy: systemIds.uuid(),
      expiresAt: new Date(api.ports.clock.wallMs() + 600_000),
    };
    await api.database.prisma.job.createMany({ data: Array.from({ length: 16 }, () => ({ ...job, id: systemIds.uuid() })) });
    const id = await start([held, full], { waves: { kind: 'counts', sizes: [2] } });
    const standings = await bench.standings(id);
    expect([standings.get(held), standings.get(full)]).toMatchObject([
      { state: 'waiting', code: 'site.on-hold' },
      { state: 'skipped', code: 'job.too-many' },
    ]);
    expect(await jobsOf([held])).toEqual([]);
  });

  it('is one of a policy or of an order, asks only what may be asked, and is not led back', async () => {
    const devices = await bench.devices('g', 1);
    const draft = { name: 'x', selection: { devices } };
    const policy = { id: systemIds.uuid(), version: 1 };
    const refused = async (body: object) => (await api.call('POST', '/v1/rollouts', { ...draft, ...body })).status;
    expect(await refused({})).toBe(422);
    expect(await refused({ order, policy })).toBe(422);
    expect(await refused({ order: { kind: 'ask-modem', command: 'AT+QENG?' } })).toBe(422);
    expect(await refused({ order, settings: { breaker: { action: 'revert' } } })).toBe(422);
    const made = await api.expectOk(rolloutSchema, 'POST', '/v1/rollouts', { ...draft, order });
    expect((await api.call('PATCH', `/v1/rollouts/${made.id}`, { policy })).status).toBe(422);
    expect((await api.expectOk(rolloutSchema, 'PATCH', `/v1/rollouts/${made.id}`, { order: { kind: 'refresh' } })).order).toEqual({
      kind: 'refresh',
    });
    const id = await start(devices);
    expect((await api.call('POST', `/v1/rollouts/${id}/revert`, {})).status).toBe(409);
  });
});
