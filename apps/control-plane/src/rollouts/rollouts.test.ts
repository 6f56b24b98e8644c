import { longestPauseS } from '@towline/protocol';
import { problemSchema, rolloutDevicePageSchema, rolloutSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addPolicy } from '../api/testing/fleet.ts';
import { systemIds } from '../platform/clock.ts';
import { RolloutBench } from './testing/rollout-bench.ts';

let api: ApiHarness;
let bench: RolloutBench;
let policy: { id: string; version: number };
beforeAll(async () => {
  api = await createApiHarness();
  bench = new RolloutBench(api);
  await bench.hear();
  policy = await addPolicy(api, 'fleet.north');
});
afterAll(() => api.close());

const two = { waves: { kind: 'counts', sizes: [2] } };
const auditOf = async (subject: string) =>
  (await api.database.prisma.auditEntry.findMany({ where: { subject }, orderBy: { id: 'asc' } })).map(({ action }) => action);

describe('a rollout', () => {
  it('goes in waves: the next begins when enough of one succeeded, and it finishes when all have', async () => {
    const devices = await bench.devices('a', 6);
    const { id } = await bench.start(policy, { filter: 'tag==a' }, { waves: { kind: 'counts', sizes: [2, 4] } });
    await bench.run();
    const first = await bench.inState(id, 'opened');
    expect(first).toHaveLength(2);
    expect(await api.database.prisma.outbox.count({ where: { deviceId: { in: devices } } })).toBe(2);
    await bench.say(first, 'held');
    await bench.run();
    expect((await bench.get(id)).counts).toMatchObject({ changing: 2, pending: 4 });
    await bench.say(first, 'applied');
    await bench.run();
    const second = await bench.inState(id, 'opened');
    expect(second).toHaveLength(4);
    await bench.say(second, 'applied');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'finished', reason: 'rollout.done', counts: { succeeded: 6 }, currentWave: 2 });
    expect(await bench.counts(id)).toSatisfy(({ kept, real }) => JSON.stringify(kept) === JSON.stringify(real));
    const acts = ['create', 'plan', 'submit', 'wave', 'start', 'wave', 'finish'].map((act) => `rollout.${act}`);
    expect(await auditOf(id)).toEqual(acts);
  });

  it('of one device, and of none, goes the same way', async () => {
    const [device] = await bench.devices('b', 1);
    const one = await bench.start(policy, { devices: [device] });
    await bench.run();
    await bench.say([device ?? ''], 'applied');
    await bench.run();
    expect(await bench.stateOf(one.id)).toBe('finished');
    const none = await bench.start(policy, { filter: 'tag==nobody' });
    await bench.run();
    expect(await bench.get(none.id)).toMatchObject({ state: 'finished', devices: 0 });
  });

  it('halts when too much went wrong, says why, and goes on after a person resumed it without halting for the same again', async () => {
    await bench.devices('c', 10);
    const settings = { waves: { kind: 'counts', sizes: [4, 6] }, successPercent: 50, breaker: { percent: 50, minimumSample: 4 } };
    const { id } = await bench.start(policy, { filter: 'tag==c' }, settings);
    await bench.run();
    const [one = '', two = '', three = '', four = ''] = await bench.inState(id, 'opened');
    await bench.say([one, two, three, four], 'held');
    await bench.say([one], 'reverted', 'apn.not-subscribed');
    await bench.say([two], 'failed', 'sim.absent');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'paused', reason: 'breaker.percent' });
    expect((await bench.standings(id)).get(one)).toMatchObject({ state: 'reverted', code: 'apn.not-subscribed' });
    await bench.say([three, four], 'applied');
    await bench.run();
    expect(await bench.inState(id, 'opened')).toEqual([]);
    await bench.act(id, 'resume', { reason: 'two bad cards' });
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'running', currentWave: 2, counts: { opened: 6 } });
  });

  it('takes silence after the acknowledgement for a failure, and its late word for what it says', async () => {
    const [device = ''] = await bench.devices('d', 1);
    const { id } = await bench.start(policy, { devices: [device] }, { timeouts: { answerS: 60 }, retries: { attempts: 1, baseS: 3600 } });
    await bench.run();
    await bench.say([device], 'held');
    await bench.run();
    await bench.pass(id, 61);
    await bench.run();
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'silent', code: 'device.silent' });
    await bench.say([device], 'applied');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'finished', counts: { succeeded: 1 } });
  });

  it('is patient with a device that told that it tries again, until that try has had its time', async () => {
    const [device = ''] = await bench.devices('t', 1);
    const { id } = await bench.start(policy, { devices: [device] }, { timeouts: { answerS: 60 } });
    await bench.run();
    await bench.say([device], 'held');
    await bench.run();
    const pass = async (seconds: number) => {
      await bench.pass(id, seconds);
      await api.database.pool.query(`update device set reported_at = reported_at - $2 * interval '1 second' where id = $1`, [
        device,
        seconds,
      ]);
      await bench.run();
      return (await bench.standings(id)).get(device)?.state;
    };
    const detail = { fault: null, change: null, pause: { triesLeft: 2, until: null } };
    await api.database.pool.query(`update target set status = 'applying', status_detail = $2 where device_id = $1`, [device, detail]);
    await api.database.pool.query('update device set reported_at = now() where id = $1', [device]);
    await bench.run();
    expect(await pass(61)).toBe('changing');
    expect(await pass(longestPauseS - 62)).toBe('changing');
    expect(await pass(65)).toBe('silent');
  });

  it('counts nobody silent while nobody could hear', async () => {
    const [device = ''] = await bench.devices('e', 1);
    const { id } = await bench.start(policy, { devices: [device] }, { timeouts: { answerS: 60 } });
    await bench.run();
    await bench.say([device], 'held');
    await bench.run();
    await api.database.pool.query(`update lease set expires_at = now() - interval '1 second' where name = 'edge'`);
    await bench.pass(id, 61);
    await bench.run();
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'changing' });
    expect(await bench.get(id)).toMatchObject({ obstacle: 'edge.away' });
    await api.database.pool.query(`update rollout set heard_at = now() - interval '2 minutes' where id = $1`, [id]);
    await bench.hear();
    await bench.run();
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'changing' });
    await bench.pass(id, 121);
    await bench.run();
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'silent' });
  });

  it('waits for who is away without counting them, holds back what did not arrive, and takes them up when they return', async () => {
    const [here = ''] = await bench.devices('f', 1);
    const [away = ''] = await bench.devices('g', 1, { online: false });
    const { id } = await bench.start(policy, { devices: [here, away] }, two);
    await bench.run();
    expect((await bench.standings(id)).get(away)).toMatchObject({ state: 'waiting', code: 'device.offline' });
    await bench.pass(id, 121);
    await bench.run();
    expect((await bench.standings(id)).get(here)).toMatchObject({ state: 'opened', attempt: 1 });
    await api.database.prisma.device.updateMany({ where: { id: here }, data: { online: false } });
    await bench.pass(id, 121);
    await bench.run();
    expect((await bench.standings(id)).get(here)).toMatchObject({ state: 'waiting', code: 'device.unreached' });
    expect(await api.database.prisma.target.findFirst({ where: { deviceId: here } })).toMatchObject({ withheld: true });
    await api.database.prisma.device.updateMany({ where: { id: { in: [here, away] } }, data: { online: true } });
    await bench.run();
    expect(await bench.inState(id, 'opened')).toEqual([here, away].sort());
    await bench.say([here, away], 'applied');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'finished', counts: { succeeded: 2 } });
  });

  it('tries again after a while, with a target of its own, and no more often than it may', async () => {
    const [device = ''] = await bench.devices('h', 1);
    const { id } = await bench.start(policy, { devices: [device] }, { retries: { attempts: 1, baseS: 60 }, breaker: { minimumSample: 5 } });
    await bench.run();
    await bench.say([device], 'failed', 'apn.unknown');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'running', counts: { failed: 1 } });
    await bench.pass(id, 90);
    await bench.run();
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'opened', attempt: 2 });
    expect(await api.database.prisma.target.findFirst({ where: { deviceId: device } })).toMatchObject({ number: 2 });
    await bench.say([device], 'failed', 'apn.unknown');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'finished', reason: 'rollout.below-success', counts: { failed: 1 } });
    await bench.act(id, 'retry-failed');
    await bench.run();
    await bench.say([device], 'applied');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'finished', reason: 'rollout.done', counts: { succeeded: 1 } });
  });

  it('goes not on past a wave that a person has tried again, and halts once more when that went no better', async () => {
    await bench.devices('x', 12);
    const settings = { waves: { kind: 'counts', sizes: [4, 8] }, breaker: { percent: 50, minimumSample: 4 } };
    const { id } = await bench.start(policy, { filter: 'tag==x' }, settings);
    await bench.run();
    const first = await bench.inState(id, 'opened');
    await bench.say(first, 'reverted', 'apn.unknown');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'paused', reason: 'breaker.percent' });
    expect(await bench.act(id, 'retry-failed', { reason: 'once more' })).toMatchObject({ state: 'paused', reason: 'breaker.percent' });
    await bench.act(id, 'resume', { reason: 'the carrier sells it now' });
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'running', currentWave: 1, counts: { opened: 4, pending: 8 } });
    await bench.say(first, 'reverted', 'apn.unknown');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'paused', reason: 'breaker.percent', currentWave: 1 });
    await bench.act(id, 'resume', { reason: 'without these four' });
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'running', currentWave: 2, counts: { opened: 8, reverted: 4 } });
    await bench.act(id, 'abort');
  });

  it('keeps the caps over all rollouts of the tenant', async () => {
    const devices = await bench.devices('q', 10, { servingPlmn: '26201' });
    const settings = { waves: { kind: 'counts', sizes: [10] }, caps: { perCarrier: 3 } };
    const [left, right] = [devices.slice(0, 5), devices.slice(5)];
    const one = await bench.start(policy, { devices: left }, settings);
    const other = await bench.start(policy, { devices: right }, settings);
    await bench.run();
    const opened = [...(await bench.inState(one.id, 'opened')), ...(await bench.inState(other.id, 'opened'))];
    expect(opened).toHaveLength(3);
    await bench.say(opened, 'applied');
    await bench.run();
    expect([...(await bench.inState(one.id, 'opened')), ...(await bench.inState(other.id, 'opened'))]).toHaveLength(3);
    for (const { id } of [one, other]) await bench.act(id, 'abort');
    await bench.run();
    expect(await bench.counts(one.id)).toSatisfy(({ kept, real }) => JSON.stringify(kept) === JSON.stringify(real));
  });

  it('has one change at a time and device: the later rollout waits, and says for what', async () => {
    const [device = ''] = await bench.devices('j', 1);
    const next = await addPolicy(api, 'fleet.south');
    const first = await bench.start(policy, { devices: [device] });
    const second = await bench.start(next, { devices: [device] });
    await bench.run();
    const { items } = await api.expectOk(rolloutDevicePageSchema, 'GET', `/v1/rollouts/${second.id}/devices`);
    expect(items).toMatchObject([{ device, state: 'waiting', code: 'rollout.precedence', waitsFor: first.id }]);
    await bench.say([device], 'applied');
    await bench.run();
    expect(await bench.stateOf(first.id)).toBe('finished');
    await bench.run();
    expect((await bench.standings(second.id)).get(device)).toMatchObject({ state: 'opened' });
    const third = await api.expectOk(rolloutSchema, 'GET', `/v1/rollouts/${second.id}`);
    await bench.act(third.id, 'abort', { revision: third.revision });
  });

  it('stops again for those that go wrong after all that were forgiven have come to it', async () => {
    const devices = await bench.devices('w', 20);
    const settings = { waves: { kind: 'counts', sizes: [10, 10] }, timeouts: { answerS: 60 } };
    const { id } = await bench.start(policy, { devices }, settings);
    await bench.run();
    const first = await bench.inState(id, 'opened');
    await bench.say(first, 'held');
    await bench.run();
    await bench.pass(id, 61);
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'paused', reason: 'breaker.percent', counts: { silent: 10 } });
    await bench.act(id, 'resume');
    await bench.say(first, 'applied');
    await bench.run();
    await bench.say(await bench.inState(id, 'opened'), 'failed');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'paused', reason: 'breaker.percent', counts: { succeeded: 10, failed: 10 } });
    await bench.act(id, 'abort');
  });

  it('leaves a device alone that was given something else meanwhile', async () => {
    const [device = ''] = await bench.devices('k', 1);
    const { id } = await bench.start(policy, { devices: [device] });
    await bench.run();
    const other = await addPolicy(api, 'by.hand');
    await api.call('POST', '/v1/assignments', { policy: other, devices: [device] });
    await bench.run();
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'skipped', code: 'target.superseded' });
    expect(await bench.stateOf(id)).toBe('finished');
  });

  it('stands when the database was restored, and begins anew with devices on their way once a person says so', async () => {
    const [device = ''] = await bench.devices('r', 1);
    const { id } = await bench.start(policy, { devices: [device] });
    await bench.run();
    await api.database.pool.query('update installation set database_epoch = database_epoch + 1');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'paused', reason: 'database.restored' });
    await bench.act(id, 'resume');
    await bench.run();
    expect(await api.database.prisma.target.findFirst({ where: { deviceId: device } })).toMatchObject({ epoch: 2, number: 2 });
    await bench.say([device], 'applied');
    await bench.run();
    expect(await bench.stateOf(id)).toBe('finished');
  });
});

describe('a way back', () => {
  it('leads each device to what it had, but those changed since, and waits for nobody who is away', async () => {
    const [before, after, byHand] = [await addPolicy(api, 'before'), await addPolicy(api, 'after'), await addPolicy(api, 'changed')];
    const devices = await bench.devices('m', 4);
    const [one = '', two = '', three = '', four = ''] = devices;
    await api.call('POST', '/v1/assignments', { policy: before, devices: [one, two, three] });
    const { id } = await bench.start(after, { devices }, { waves: { kind: 'counts', sizes: [4] } });
    await bench.run();
    await bench.say(devices, 'applied');
    await bench.run();
    await api.call('POST', '/v1/assignments', { policy: byHand, devices: [two] });
    await api.database.prisma.device.updateMany({ where: { id: three }, data: { online: false } });
    const { wayBack } = await bench.act(id, 'revert', { reason: 'wrong APN' });
    await bench.run();
    const back = wayBack ?? '';
    expect([...(await bench.standings(back)).values()].map(({ state, code }) => ({ state, code }))).toEqual([
      { state: 'opened', code: null },
      { state: 'skipped', code: 'target.changed-since' },
      { state: 'waiting', code: 'device.offline' },
      { state: 'skipped', code: 'target.none-before' },
    ]);
    const targets = await api.database.prisma.target.findMany({ where: { deviceId: { in: devices } }, orderBy: { deviceId: 'asc' } });
    expect(targets.map(({ policyId }) => policyId)).toEqual([before.id, byHand.id, before.id, after.id]);
    await bench.say([one], 'applied');
    await bench.run();
    expect(await bench.stateOf(back)).toBe('finished');
    expect(await bench.get(id)).toMatchObject({ state: 'reverted' });
    await bench.say([three], 'applied');
    await bench.run();
    expect((await bench.standings(back)).get(three)).toMatchObject({ state: 'succeeded' });
    expect((await bench.standings(id)).get(four)).toMatchObject({ state: 'succeeded' });
  });

  it('that is given up leaves the rollout aborted, and who still has the version can be led back again', async () => {
    const [before, after] = [await addPolicy(api, 'given.before'), await addPolicy(api, 'given.up')];
    const devices = await bench.devices('v', 2);
    await api.call('POST', '/v1/assignments', { policy: before, devices });
    const { id } = await bench.start(after, { devices }, two);
    await bench.run();
    await bench.say(devices, 'applied');
    await bench.run();
    const site = await api.database.prisma.site.create({ data: { tenantId: 'main', id: systemIds.uuid(), name: 'given up' } });
    const [, held = ''] = devices;
    await api.database.prisma.device.updateMany({ where: { id: held }, data: { siteId: site.id } });
    await api.call('POST', `/v1/sites/${site.id}/hold`, { reason: 'work' });
    const first = (await bench.act(id, 'revert')).wayBack ?? '';
    await bench.run();
    await bench.say(devices.slice(0, 1), 'applied');
    await bench.run();
    expect(await bench.get(first)).toMatchObject({ state: 'running', counts: { succeeded: 1, pending: 1 } });
    await bench.act(first, 'abort');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'aborted', reason: 'way-back.aborted' });
    await api.call('DELETE', `/v1/sites/${site.id}/hold`);
    const second = (await bench.act(id, 'revert')).wayBack ?? '';
    await bench.run();
    expect([...(await bench.standings(second)).values()]).toMatchObject([
      { device: devices[0], state: 'skipped', code: 'target.changed-since' },
      { device: held, state: 'opened' },
    ]);
    await bench.say([held], 'applied');
    await bench.run();
    expect(await bench.stateOf(id)).toBe('reverted');
  });

  it('leads nobody to what was in vain before, but to what the device came to last', async () => {
    const [good, vain] = [await addPolicy(api, 'came.to'), await addPolicy(api, 'in.vain')];
    const devices = await bench.devices('va', 3);
    const [one = '', two = '', three = ''] = devices;
    await api.call('POST', '/v1/assignments', { policy: good, devices: [one, two] });
    await bench.say([one, two], 'applied');
    await api.call('POST', '/v1/assignments', { policy: vain, devices: [one, three] });
    await bench.say([one, three], 'reverted', 'apn.unknown');
    const { id } = await bench.start(vain, { devices }, { waves: { kind: 'counts', sizes: [3] } });
    await bench.run();
    await bench.say(devices, 'reverted', 'apn.unknown');
    await bench.run();
    const { wayBack } = await bench.act(id, 'revert');
    await bench.run();
    expect([...(await bench.standings(wayBack ?? '')).values()]).toMatchObject([
      { device: one, state: 'opened', code: null },
      { device: two, state: 'opened', code: null },
      { device: three, state: 'skipped', code: 'target.none-before' },
    ]);
    const targets = await api.database.prisma.target.findMany({ where: { deviceId: { in: devices } }, orderBy: { deviceId: 'asc' } });
    expect(targets.map(({ policyId }) => policyId)).toEqual([good.id, good.id, vain.id]);
  });

  it('leads to what a device came to, though it could not keep that up when it was given the next', async () => {
    const [older, kept, vain, next] = [
      await addPolicy(api, 'kept.older'),
      await addPolicy(api, 'kept.up'),
      await addPolicy(api, 'kept.vain'),
      await addPolicy(api, 'kept.next'),
    ];
    const devices = await bench.devices('vk', 2);
    const [broken = '', booting = ''] = devices;
    for (const policy of [older, kept]) {
      await api.call('POST', '/v1/assignments', { policy, devices });
      await bench.say(devices, 'applied');
    }
    await bench.say([broken], 'failed', 'sim.absent');
    await bench.say([booting], 'applying');
    await api.call('POST', '/v1/assignments', { policy: vain, devices: [booting] });
    await bench.say([booting], 'reverted', 'apn.unknown');
    const { id } = await bench.start(next, { devices }, two);
    await bench.run();
    await bench.say(devices, 'applied');
    await bench.run();
    await bench.act(id, 'revert');
    await bench.run();
    const targets = await api.database.prisma.target.findMany({ where: { deviceId: { in: devices } } });
    expect(targets.map(({ policyId }) => policyId)).toEqual([kept.id, kept.id]);
  });

  it('leads to what a device took late and came to, though it was withheld by then', async () => {
    const [late, next] = [await addPolicy(api, 'taken.late'), await addPolicy(api, 'taken.next')];
    const [device = ''] = await bench.devices('vt', 1);
    const first = await bench.start(late, { devices: [device] });
    await bench.run();
    await api.database.prisma.device.updateMany({ where: { id: device }, data: { online: false } });
    await bench.pass(first.id, 121);
    await bench.run();
    await bench.say([device], 'applied');
    await api.database.prisma.device.updateMany({ where: { id: device }, data: { online: true } });
    await bench.run();
    expect(await bench.get(first.id)).toMatchObject({ state: 'finished', counts: { succeeded: 1 } });
    const { id } = await bench.start(next, { devices: [device] });
    await bench.run();
    await bench.say([device], 'applied');
    await bench.run();
    const { wayBack } = await bench.act(id, 'revert');
    await bench.run();
    expect((await bench.standings(wayBack ?? '')).get(device)).toMatchObject({ state: 'opened', code: null });
    expect(await api.database.prisma.target.findFirst({ where: { deviceId: device } })).toMatchObject({ policyId: late.id });
  });

  it('begins by itself where the breaker says so', async () => {
    const before = await addPolicy(api, 'breaker.before');
    const devices = await bench.devices('n', 4);
    await api.call('POST', '/v1/assignments', { policy: before, devices });
    const settings = { waves: { kind: 'counts', sizes: [4] }, breaker: { count: 2, action: 'revert' } };
    const { id } = await bench.start(policy, { devices }, settings);
    await bench.run();
    await bench.say(devices.slice(0, 2), 'reverted', 'apn.unknown');
    await bench.run();
    const { state, wayBack } = await bench.get(id);
    expect(state).toBe('reverting');
    expect(await bench.inState(wayBack ?? '', 'opened')).toEqual(devices);
    await bench.say(devices, 'applied');
    await bench.run();
    expect(await bench.stateOf(id)).toBe('reverted');
  });
});

describe('what cannot be done', () => {
  it('says what can, and what comes next', async () => {
    const [device] = await bench.devices('y', 1);
    const draft = { name: 'told', policy, selection: { devices: [device] } };
    const { id } = await api.expectOk(rolloutSchema, 'POST', '/v1/rollouts', draft);
    const refusedOf = async (act: string) => problemSchema.parse((await api.call('POST', `/v1/rollouts/${id}/${act}`, {})).body).detail;
    expect(await refusedOf('start')).toBe('the rollout is draft; this can be done when it is scheduled. Next is plan');
    expect(await refusedOf('next-wave')).toBe('the rollout is draft; a wave can begin when it is running');
    for (const act of ['plan', 'submit', 'start']) await bench.act(id, act);
    expect(await refusedOf('next-wave')).toBe('wave 1 is the last: there is no next one to begin');
    expect(await refusedOf('approve')).toBe('the rollout is running; this can be done when it is awaiting-approval');
  });

  it('is a draft for devices that nothing can name', async () => {
    const draft = { name: 'misspelt', policy };
    const answer = async (selection: object) => problemSchema.parse((await api.call('POST', '/v1/rollouts', { ...draft, selection })).body);
    expect(await answer({ filter: 'sote==north' })).toMatchObject({ status: 400, code: 'filter.invalid' });
    expect(await answer({ group: '00000000-0000-4000-8000-000000000000' })).toMatchObject({ code: 'request.invalid' });
    const [device = ''] = await bench.devices('vm', 1);
    const errors = [{ path: 'selection.devices[1]', message: 'no device is zzzzzzzzzz' }];
    expect(await answer({ devices: [device, 'zzzzzzzzzz'] })).toMatchObject({ code: 'request.invalid', errors });
    const tried = await api.call('POST', '/v1/dry-runs', { policy, selection: { devices: [device, 'zzzzzzzzzz'] } });
    expect(problemSchema.parse(tried.body)).toMatchObject({ code: 'request.invalid', errors });
  });
});

describe('who may', () => {
  it('needs a second person above a size, who is not the one who made it', async () => {
    const devices = await bench.devices('s', 3);
    await api.call('PATCH', '/v1/rollouts/approval', { above: 2 });
    const draft = { name: 'many', policy, selection: { devices } };
    const operator = await api.tokenFor('main', 'operator');
    const made = rolloutSchema.parse((await api.call('POST', '/v1/rollouts', draft, operator)).body);
    const act = (name: string, token: string) => api.call('POST', `/v1/rollouts/${made.id}/${name}`, {}, token);
    await act('plan', operator);
    expect((await act('submit', operator)).body).toMatchObject({ state: 'awaiting-approval', approvalCauses: ['size'] });
    expect((await act('approve', operator)).status).toBe(403);
    expect((await act('start', operator)).status).toBe(409);
    expect((await api.call('PATCH', `/v1/rollouts/${made.id}`, { settings: {} }, operator)).status).toBe(409);
    expect((await api.call('PATCH', `/v1/rollouts/${made.id}`, { priority: 5 }, operator)).body).toMatchObject({ priority: 5 });
    expect((await act('approve', api.token)).body).toMatchObject({ state: 'scheduled' });
    const own = await api.expectOk(rolloutSchema, 'POST', '/v1/rollouts', draft);
    for (const name of ['plan', 'submit']) await bench.act(own.id, name);
    const refused = await api.call('POST', `/v1/rollouts/${own.id}/approve`, {});
    expect(problemSchema.parse(refused.body)).toMatchObject({ status: 403, code: 'rollout.second-person' });
    await api.call('PATCH', '/v1/rollouts/approval', { above: null });
  });

  it('lets a viewer look and nothing else, and another tenant see nothing', async () => {
    const viewer = await api.tokenFor('main', 'viewer');
    const stranger = await api.tokenFor('other', 'admin');
    const devices = await bench.devices('p', 1);
    const { id, revision } = await api.expectOk(rolloutSchema, 'POST', '/v1/rollouts', { name: 'seen', policy, selection: { devices } });
    expect((await api.call('GET', `/v1/rollouts/${id}`, undefined, viewer)).status).toBe(200);
    expect((await api.call('GET', '/v1/rollouts?limit=2', undefined, viewer)).status).toBe(200);
    expect((await api.call('POST', `/v1/rollouts/${id}/plan`, {}, viewer)).status).toBe(403);
    expect((await api.call('GET', `/v1/rollouts/${id}`, undefined, stranger)).status).toBe(404);
    expect((await api.call('GET', `/v1/rollouts/${id}/devices`, undefined, stranger)).status).toBe(404);
    expect((await api.call('POST', `/v1/rollouts/${id}/plan`, {}, stranger)).status).toBe(404);
    await bench.act(id, 'plan', { revision });
    const late = await api.call('POST', `/v1/rollouts/${id}/submit`, { revision });
    expect(problemSchema.parse(late.body)).toMatchObject({ status: 409, code: 'rollout.changed' });
    expect((await api.call('GET', `/v1/rollouts/${id}/devices?state=pending`, undefined, viewer)).body).toMatchObject({
      items: [{ device: devices[0], name: devices[0], wave: 1, state: 'pending' }],
    });
  });
});
