import type { Agent } from '@towline/agent';
import { waitUntil } from '@towline/demo';
import { type Rollout, type RolloutDeviceItem, rolloutDevicePageSchema, rolloutSchema, type VersionRef } from '@towline/protocol/http';
import type { SimulatedGateway } from '@towline/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadEndTransport } from '../harness/dead-end.ts';
import { Operator } from '../harness/operator.ts';
import { PacedClock } from '../harness/paced-clock.ts';
import { agentInProcess, bearersOf, homePlmn, ownAccessPoint, raiseTappedFleet } from '../harness/tapped-fleet.ts';
import { startWorld, type World } from '../harness/world.ts';

/** Sells what the home carrier does, but for `fleet.next`. */
const otherPlmn = '99970';
/** Both sell it; the other carrier's leads nowhere. */
const deadEnd = 'fleet.north';
const plmns = [homePlmn, otherPlmn];
const inWave = 4;

const clock = new PacedClock();
const fleet = raiseTappedFleet(['ec25', 'ec25', 'sim7600', 'sim7600', 'ec200a', 'ec200a', 'me909', 'me909', 'ec25', 'ec25'], clock, plmns);
const isOfOther = ({ modems: [modem] }: SimulatedGateway) => modem?.network.plmn === otherPlmn;

let world: World;
let operator: Operator;
let before: VersionRef;
let ids: string[] = [];
const agents: Agent[] = [];
const gatewayOf = new Map<string, SimulatedGateway>();

beforeAll(async () => {
  world = await startWorld();
  operator = new Operator(world.api);
  const place = { url: world.httpUrl, claimToken: await world.claimToken(fleet.gateways.length) };
  for (const gateway of fleet.gateways) {
    const agent = agentInProcess(gateway, isOfOther(gateway) ? { ...place, transport: deadEndTransport(gateway, deadEnd) } : place, clock);
    agents.push(agent);
    await agent.start();
  }
  clock.pace(4);
  const devices = await waitUntil('every gateway to enrol', async () => {
    const found = (await operator.devices()).filter(({ online, registration }) => online && registration === 'home');
    return found.length === fleet.gateways.length ? found : null;
  });
  ids = devices.map(({ id }) => id);
  for (const { id, name } of devices) {
    const gateway = fleet.gateways.find(({ boardSerial }) => boardSerial === name);
    if (gateway) gatewayOf.set(id, gateway);
  }
  before = await operator.savePolicyByCarrier('what each carrier sells', new Map(plmns.map((plmn) => [plmn, ownAccessPoint(plmn)])));
  await operator.assign(before, ids);
  await untilBack();
});

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await world?.stop();
});

const get = (id: string) => world.api.get(`/v1/rollouts/${id}`, rolloutSchema);
const act = (id: string, name: string) => world.api.post(`/v1/rollouts/${id}/${name}`, { reason: 'the story' }, rolloutSchema);
const membersOf = async (id: string): Promise<RolloutDeviceItem[]> =>
  (await world.api.get(`/v1/rollouts/${id}/devices?limit=500`, rolloutDevicePageSchema)).items;
const isOther = (device: string) => isOfOther(gatewayOf.get(device) ?? fail(device));
const fail = (device: string): never => {
  throw new Error(`no gateway is ${device}`);
};

/** Everybody has what there was before, and said so. */
function untilBack(): Promise<unknown> {
  return operator.untilEach({ what: 'the policy of before', withinMs: 100_000 }, ids, ({ id, apn, target }) => {
    const own = ownAccessPoint(isOther(id) ? otherPlmn : homePlmn);
    return apn === own && target?.status === 'applied' && target.policy.id === before.id;
  });
}

/** Which devices come first is drawn by lot from the rollout's id: drafted until both carriers are among them, twice each at least. */
async function planOverBoth(name: string, policy: VersionRef, settings: object): Promise<Rollout> {
  for (;;) {
    const draft = { name, policy, selection: { devices: ids }, settings: { waves: { kind: 'counts', sizes: [inWave, 99] }, ...settings } };
    const { id } = await world.api.post('/v1/rollouts', draft, rolloutSchema);
    const planned = await act(id, 'plan');
    const others = (await membersOf(id)).filter(({ wave, device }) => wave === 1 && isOther(device));
    if (others.length === inWave / 2) return planned;
    await act(id, 'abort');
  }
}

async function driveToTheBreaker(
  name: string,
  policy: VersionRef,
  settings: object,
): Promise<{ rollout: Rollout; wave: RolloutDeviceItem[] }> {
  const { id } = await planOverBoth(name, policy, settings);
  for (const step of ['submit', 'start']) await act(id, step);
  const rollout = await waitUntil(
    'the breaker',
    async () => {
      const now = await get(id);
      return now.state === 'paused' && now.counts.changing === 0 ? now : null;
    },
    { timeoutMs: 100_000 },
  );
  return { rollout, wave: (await membersOf(id)).filter((member) => member.wave === 1) };
}

/** Of devices beyond the first wave: by the engine's books, and by their operators'. */
async function expectUntouched(rollout: Rollout, apn: string): Promise<void> {
  const rest = (await membersOf(rollout.id)).filter(({ wave }) => wave > 1);
  expect(rest).toHaveLength(ids.length - inWave);
  expect(rest.filter(({ state, attempt }) => state !== 'pending' || attempt > 0)).toEqual([]);
  const imsis = rest.map(({ device }) => gatewayOf.get(device)?.modems[0]?.sim?.imsi);
  expect(fleet.asks.filter((ask) => ask.accessPoint.startsWith(apn) && imsis.includes(ask.imsi))).toEqual([]);
}

async function expectRevertByOneCall(rollout: Rollout): Promise<void> {
  const { wayBack } = await act(rollout.id, 'revert');
  await untilBack();
  await waitUntil('the way back to end', async () => ((await get(rollout.id)).state === 'reverted' ? true : null));
  expect(await get(wayBack ?? '')).toMatchObject({ state: 'finished', devices: inWave, counts: { succeeded: inWave } });
}

describe('a policy whose APN one of two carriers rejects', () => {
  it('is stopped by the breaker within one wave; who was refused went back by itself, the rest never saw it, and one call reverts it', async () => {
    const policy = await operator.savePolicy('fleet.next', plmns);
    const { rollout, wave } = await driveToTheBreaker('to fleet.next', policy, { breaker: { count: 2 } });
    expect(rollout).toMatchObject({ reason: 'breaker.count', currentWave: 1 });
    for (const { device, state, code } of wave) {
      const other = isOther(device);
      expect({ state, code }).toEqual(other ? { state: 'reverted', code: 'apn.unknown' } : { state: 'succeeded', code: null });
      const gateway = gatewayOf.get(device) ?? fail(device);
      expect(bearersOf(gateway)).toEqual([expect.stringContaining(other ? ` ${ownAccessPoint(otherPlmn)}` : ' fleet.next')]);
    }
    await expectUntouched(rollout, 'fleet.next');
    await expectRevertByOneCall(rollout);
  }, 200_000);
});

describe('a policy whose APN leads nowhere at one of two carriers', () => {
  it('is stopped by the silence of those whom it cut off, who came back by themselves; the rest never saw it, and one call reverts it', async () => {
    const policy = await operator.savePolicy(deadEnd, plmns);
    const settings = { breaker: { count: 2 }, timeouts: { answerS: 15 } };
    const { rollout, wave } = await driveToTheBreaker(`to ${deadEnd}`, policy, settings);
    expect(rollout).toMatchObject({ reason: 'breaker.count', currentWave: 1 });
    const silent = wave.filter(({ device }) => isOther(device));
    expect(silent.map(({ state, code }) => ({ state, code }))).toEqual(silent.map(() => ({ state: 'silent', code: 'device.silent' })));
    await expectUntouched(rollout, deadEnd);
    // They owe nobody an order to come back: minutes of theirs, seconds of ours.
    clock.pace(40);
    await waitUntil(
      'the silent ones to go back',
      () =>
        silent.every(({ device }) =>
          bearersOf(gatewayOf.get(device) ?? fail(device))
            .join()
            .includes(ownAccessPoint(otherPlmn)),
        )
          ? true
          : null,
      { timeoutMs: 100_000 },
    );
    await expectRevertByOneCall(rollout);
  }, 300_000);
});
