import { type Rollout, rolloutOverlapsSchema, rolloutSchema, type VersionRef } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addPolicy } from '../api/testing/fleet.ts';
import { RolloutBench } from './testing/rollout-bench.ts';

let api: ApiHarness;
let bench: RolloutBench;
let policy: VersionRef;
beforeAll(async () => {
  api = await createApiHarness();
  bench = new RolloutBench(api);
  await bench.hear();
  policy = await addPolicy(api, 'fleet.north');
});
afterAll(() => api.close());

async function planned(name: string, devices: readonly string[], change: object = {}): Promise<Rollout> {
  const draft = { name, policy, selection: { devices }, ...change };
  const { id } = await api.expectOk(rolloutSchema, 'POST', '/v1/rollouts', draft);
  return bench.act(id, 'plan');
}

const overlapsOf = async ({ id }: Pick<Rollout, 'id'>) =>
  (await api.expectOk(rolloutOverlapsSchema, 'GET', `/v1/rollouts/${id}/overlaps`)).items;

describe('what a planned rollout shares with others', () => {
  it('is told with each of them, how many devices both want, and who goes first', async () => {
    const devices = await bench.devices('a', 6);
    const older = await planned('older', devices.slice(0, 4));
    const urgent = await planned('urgent', devices.slice(3), { priority: 5, policy: undefined, order: { kind: 'refresh' } });
    await planned('elsewhere', await bench.devices('b', 2));
    const draft = { name: 'not planned', policy, selection: { devices } };
    await api.expectOk(rolloutSchema, 'POST', '/v1/rollouts', draft);
    const own = await planned('own', devices);
    const of = ({ id: rollout, name }: Rollout, more: object) => ({ rollout, name, state: 'planned', ...more });
    expect(await overlapsOf(own)).toEqual([
      of(urgent, { priority: 5, devices: 3, goesFirst: true }),
      of(older, { priority: 0, devices: 4, goesFirst: true }),
    ]);
    expect(await overlapsOf(older)).toEqual([
      of(urgent, { priority: 5, devices: 1, goesFirst: true }),
      of(own, { priority: 0, devices: 4, goesFirst: false }),
    ]);
  });

  it('leaves out devices that the other has brought to an end, or left when it ended', async () => {
    const devices = await bench.devices('c', 3);
    const settings = { waves: { kind: 'counts', sizes: [3] }, caps: { inFlight: 2 } };
    const running = await bench.start(policy, { devices }, settings);
    await bench.run();
    const [done = '', changing = ''] = await bench.inState(running.id, 'opened');
    await bench.say([done], 'applied');
    await bench.say([changing], 'held');
    await bench.run();
    const own = await planned('own', devices);
    expect(await overlapsOf(own)).toMatchObject([{ rollout: running.id, state: 'running', devices: 2 }]);
    await bench.act(running.id, 'abort');
    await bench.run();
    expect(await overlapsOf(own)).toMatchObject([{ rollout: running.id, state: 'aborted', devices: 2 }]);
    await bench.say(devices, 'applied');
    await bench.run();
    expect(await overlapsOf(own)).toEqual([]);
  });

  it('is nobody else’s to see', async () => {
    const { id } = await planned('ours', await bench.devices('d', 1));
    const theirs = await api.tokenFor('other', 'admin');
    expect((await api.call('GET', `/v1/rollouts/${id}/overlaps`, undefined, theirs)).status).toBe(404);
  });
});
