import type { TargetVersion } from '@towline/protocol';
import { deviceDetailSchema, devicePageSchema, type VersionRef } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addPolicy } from '../api/testing/fleet.ts';
import { hearWords, RolloutBench } from './testing/rollout-bench.ts';

let api: ApiHarness;
let bench: RolloutBench;
let before: VersionRef;
let next: VersionRef;
beforeAll(async () => {
  api = await createApiHarness();
  bench = new RolloutBench(api);
  await bench.hear();
  [before, next] = [await addPolicy(api, 'before'), await addPolicy(api, 'next')];
});
afterAll(() => api.close());

/** What a device says that got it on the day that the backup knows nothing of. */
const saysItHolds = (device: string, held: TargetVersion) =>
  hearWords(api.database.pool, [
    { address: { tenant: 'main', device }, held, status: { version: held, digest: 'f'.repeat(64), status: 'applied' } },
  ]);
const version = (number: number): TargetVersion => ({ epoch: 1, number });
const pageOf = (device: string) => api.expectOk(deviceDetailSchema, 'GET', `/v1/devices/${device}`);
const numberOf = async (device: string) => (await pageOf(device)).target?.version.number;

describe('a rollout in a database that was restored from yesterday', () => {
  it('takes what devices have done since for what it is, gives the rest what is later than all they hold, and blames nobody', async () => {
    const devices = await bench.devices('a', 4);
    await api.call('POST', '/v1/assignments', { policy: before, devices });
    await bench.say(devices, 'applied');
    const settings = { waves: { kind: 'counts', sizes: [4] }, caps: { inFlight: 2 }, timeouts: { answerS: 600 } };
    const { id } = await bench.start(next, { devices }, settings);
    await bench.run();
    const [done = '', changing = ''] = await bench.inState(id, 'opened');
    const [opened = '', byHand = ''] = await bench.inState(id, 'pending');
    await bench.act(id, 'pause');
    await bench.say([done], 'applied');
    await bench.say([changing], 'held');
    await bench.run();
    // The backup is of this moment. A day later, restored:
    await bench.pass(id, 86_400);
    await api.database.pool.query(
      `update rollout set heard_at = now() - interval '1 day', end_at = now() + interval '1 day' where id = $1`,
      [id],
    );
    await saysItHolds(done, version(3));
    await bench.say([changing], 'applied');
    await saysItHolds(opened, version(2));
    await saysItHolds(byHand, version(7));
    await bench.act(id, 'resume');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'running', counts: { succeeded: 2, opened: 2, silent: 0 } });
    expect([await numberOf(changing), await numberOf(opened), await numberOf(byHand)]).toEqual([2, 3, 8]);
    await bench.say([opened, byHand], 'applied');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'finished', counts: { succeeded: 4 } });
    // Who was done and was given something else since stays with that: a person sees it, and nothing moves by itself.
    expect((await pageOf(done)).target).toMatchObject({ status: 'overtaken', version: version(2) });
    const filtered = await api.expectOk(devicePageSchema, 'GET', '/v1/devices?filter=targetStatus==overtaken');
    expect(filtered.items.map((item) => item.id)).toEqual([done]);
    await api.call('POST', '/v1/assignments', { policy: next, devices: [done] });
    expect((await pageOf(done)).target).toMatchObject({ status: 'waiting', version: version(4) });
  });

  it('does not mistake what a device got under the same number for what it gave it', async () => {
    const [device = ''] = await bench.devices('b', 1);
    const { id } = await bench.start(next, { devices: [device] });
    await bench.run();
    await saysItHolds(device, version(1));
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'paused', reason: 'database.restored' });
    await bench.act(id, 'resume');
    await bench.run();
    expect((await bench.standings(id)).get(device)).toMatchObject({ state: 'opened', attempt: 1 });
    expect(await numberOf(device)).toBe(2);
    await bench.say([device], 'applied');
    await bench.run();
    expect(await bench.stateOf(id)).toBe('finished');
  });

  it('leaves who had gone wrong as it is, and tells it nothing until a person says so', async () => {
    const [bad = '', fine = ''] = await bench.devices('d', 2);
    const settings = {
      waves: { kind: 'counts', sizes: [2] },
      retries: { attempts: 1, baseS: 1 },
      breaker: { percent: 100, minimumSample: 9 },
    };
    const { id } = await bench.start(next, { devices: [bad, fine] }, settings);
    await bench.run();
    await bench.say([bad], 'failed');
    await bench.run();
    await saysItHolds(bad, version(7));
    await bench.run();
    await bench.pass(id, 60);
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'paused', reason: 'database.restored', counts: { failed: 1, opened: 1 } });
    expect((await bench.standings(id)).get(bad)).toMatchObject({ state: 'failed', code: 'database.restored', attempt: 1 });
    await bench.act(id, 'resume');
    await bench.say([fine], 'applied');
    await bench.run();
    expect(await bench.get(id)).toMatchObject({ state: 'finished', counts: { failed: 1, succeeded: 1 } });
  });

  it('counts on from no number that cannot be true', async () => {
    const [device = ''] = await bench.devices('c', 1);
    await api.call('POST', '/v1/assignments', { policy: before, devices: [device] });
    await saysItHolds(device, version(2_147_483_647));
    expect((await pageOf(device)).target).toMatchObject({ status: 'waiting' });
  });
});
