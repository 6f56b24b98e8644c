import type { Agent } from '@towline/agent';
import { waitUntil } from '@towline/demo';
import type { DeviceDetail } from '@towline/protocol/http';
import { type SimulatedGateway, type SimulatedModem, simulatedSim } from '@towline/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Operator } from '../harness/operator.ts';
import { PacedClock } from '../harness/paced-clock.ts';
import { agentInProcess, bearersOf, homePlmn, raiseTappedFleet } from '../harness/tapped-fleet.ts';
import { startWorld, type World } from '../harness/world.ts';

const own = 'polder.internet';
/** Of every card that is put into a second slot here. */
const otherCards = '898800199';
const otherCard = (number: number) => simulatedSim({ iccid: `${otherCards}000000000${number}`, imsi: `${homePlmn}999999999${number}` });

const clock = new PacedClock();
const { gateways } = raiseTappedFleet(['rm520n-gl', 'rm520n-gl', 'em7565', 'ec25'], clock);
const [toLiveSlot, toEmptySlot, toDeniedCard, banded] = gateways;

let world: World;
let operator: Operator;
const agents: Agent[] = [];
const idOf = new Map<string, string>();

function known<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error('the fleet has no such gateway');
  return thing;
}
const modemOf = (gateway: SimulatedGateway | undefined): SimulatedModem => known(known(gateway).modems[0]);
const deviceOf = (gateway: SimulatedGateway | undefined): string => known(idOf.get(known(gateway).boardSerial));
/** What its bearers are dialled with, by the operator's own books. */
const dialled = (gateway: SimulatedGateway | undefined) =>
  bearersOf(known(gateway)).map((bearer) => bearer.split(' ')[1]?.split('.mnc')[0]);

beforeAll(async () => {
  world = await startWorld();
  operator = new Operator(world.api);
  modemOf(toLiveSlot).insertSim(otherCard(1), 2);
  modemOf(toDeniedCard).insertSim(otherCard(2), 2);
  modemOf(toDeniedCard).network.deny(otherCard(2).imsi);
  const place = { url: world.httpUrl, claimToken: await world.claimToken(gateways.length) };
  for (const gateway of gateways) {
    const agent = agentInProcess(gateway, place, clock);
    agents.push(agent);
    await agent.start();
  }
  clock.pace(10);
  const devices = await waitUntil('every gateway to enrol', async () => {
    const found = (await operator.devices()).filter(({ online, registration }) => online && registration === 'home');
    return found.length === gateways.length ? found : null;
  });
  for (const { id, name } of devices) idOf.set(name, id);
  await operator.assign(await operator.savePolicy(own), [...idOf.values()]);
  await untilSettled([...idOf.values()], 'applied');
});

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await world?.stop();
});

async function untilSettled(ids: readonly string[], status: 'applied' | 'reverted'): Promise<DeviceDetail[]> {
  await operator.untilEach(
    { what: status, withinMs: 150_000 },
    ids,
    (device) => device.state === 'verified' && device.target?.status === status,
  );
  return Promise.all(ids.map((id) => operator.device(id)));
}

describe('a policy that moves gateways to their second SIM slot', () => {
  it('is confirmed over the SIM that is found there, dialled by the rule of that card', async () => {
    const policy = await operator.savePolicyOf('second slot', [
      { name: 'other cards', when: { iccidPrefix: [otherCards] }, profile: { apn: 'fleet.next' } },
      { name: 'slot 2', when: { model: ['rm520n-gl', 'em7565'] }, simSlot: 2, profile: { apn: own } },
    ]);
    await operator.assign(policy, [toLiveSlot, toEmptySlot, toDeniedCard].map(deviceOf));
    const [moved] = await untilSettled([deviceOf(toLiveSlot)], 'applied');
    expect(moved).toMatchObject({
      iccid: otherCard(1).iccid,
      apn: 'fleet.next',
      reported: { modems: [{ simSlot: 2, rule: 'other cards' }] },
    });
    expect(moved?.target?.change?.confirmedAt).toEqual(expect.any(String));
    expect([modemOf(toLiveSlot).sim?.iccid, dialled(toLiveSlot)]).toEqual([otherCard(1).iccid, ['fleet.next']]);
  });

  it.each([
    ['that is empty', toEmptySlot, 'sim.absent'],
    ['whose card the network denies', toDeniedCard, 'network.denied'],
  ])('to one %s brings them back to the first by themselves, and they tell why', async (_what, gateway, code) => {
    const [back] = await untilSettled([deviceOf(gateway)], 'reverted');
    expect(back).toMatchObject({
      apn: own,
      reported: { modems: [{ simSlot: 1 }] },
      target: { fault: { code, evidence: expect.arrayContaining(['SIM slot 2']) } },
    });
    expect([modemOf(gateway).state.stored.simSlot, dialled(gateway)]).toEqual([1, [own]]);
  });
});

describe('a policy that keeps a gateway to a radio technology and bands', () => {
  /** Simulated cells: LTE is on band 3. */
  const keptTo = (bands: number[]) => ({
    name: `LTE on ${bands.join()}`,
    when: {},
    profile: { apn: own, radioAccess: 'lte', bands: { lte: bands } },
  });
  const lteBands = () => modemOf(banded).state.stored.settings.get('band.2');

  it('is confirmed over the cell that is left', async () => {
    await operator.assign(await operator.savePolicyOf('band 3', [keptTo([3])]), [deviceOf(banded)]);
    const [kept] = await untilSettled([deviceOf(banded)], 'applied');
    expect(kept?.target?.change?.confirmedAt).toEqual(expect.any(String));
    expect([kept?.reported?.modems[0]?.rule, lteBands()]).toEqual(['LTE on 3', '3']);
  });

  it('is taken back where no network is left, to the bands of before', async () => {
    await operator.assign(await operator.savePolicyOf('band 20', [keptTo([20])]), [deviceOf(banded)]);
    await waitUntil('a modem without a cell', async () => (lteBands() === '20' && dialled(banded).length === 0 ? true : null));
    // Until the deadline of the change: a quarter of an hour.
    clock.pace(40);
    const [back] = await untilSettled([deviceOf(banded)], 'reverted');
    expect(back).toMatchObject({ apn: own, target: { fault: { code: 'transaction.deadline' } } });
    expect([lteBands(), dialled(banded)]).toEqual(['3', [own]]);
  });
});
