import type { Agent } from '@towline/agent';
import { waitUntil } from '@towline/demo';
import { Fault } from '@towline/kit';
import { type DeviceDetail, eventPageSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Operator } from '../harness/operator.ts';
import { PacedClock } from '../harness/paced-clock.ts';
import { killNow } from '../harness/processes.ts';
import { agentInProcess, raiseTappedFleet } from '../harness/tapped-fleet.ts';
import { startWorld, type World } from '../harness/world.ts';

/** As many real agents as a small machine carries while an hour of theirs passes in a minute and a half. */
const gateways = 12;
const models = ['ec200a', 'ec25', 'bg96', 'sim7600', 'me909', 'mc7455'];
const hourMs = 60 * 60_000;
const fast = 40;

const clock = new PacedClock();
const fleet = raiseTappedFleet(
  Array.from({ length: gateways }, (_, index) => models[index % models.length] ?? 'ec25'),
  clock,
);

/** A fleet whose time runs fast leaves the control plane little of this machine: it may say so, and is asked again. */
async function unlessBusy<Found>(look: () => Promise<Found | null>): Promise<Found | null> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Fault && error.details.status === 503) return null;
    throw error;
  }
}

let world: World;
let operator: Operator;
const agents: Agent[] = [];
let ids: string[] = [];

beforeAll(async () => {
  world = await startWorld();
  operator = new Operator(world.api);
  const place = { url: world.httpUrl, claimToken: await world.claimToken(gateways) };
  for (const gateway of fleet.gateways) {
    const agent = agentInProcess(gateway, place, clock);
    agents.push(agent);
    await agent.start();
  }
  const enrolled = async () => {
    const online = (await operator.devices()).filter((device) => device.online);
    return online.length === gateways ? online.map(({ id }) => id) : null;
  };
  ids = await waitUntil('the fleet to enrol', () => unlessBusy(enrolled), { timeoutMs: 110_000 });
});

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await world?.stop();
});

const eventsOf = async (code: string) => (await world.api.get(`/v1/events?code=${code}&limit=500`, eventPageSchema)).items;
const applied = async (apn: string) =>
  (await operator.devices()).filter((device) => device.apn === apn && device.target?.status === 'applied');

async function untilApplied(apn: string, count: number, timeoutMs: number): Promise<void> {
  const look = async () => ((await applied(apn)).length >= count ? true : null);
  await waitUntil(`${apn} on ${count} devices`, () => unlessBusy(look), { timeoutMs });
}

describe('a control plane that is away for an hour in the middle of a wave', () => {
  it('has confirmed to each device what it dials with', async () => {
    await operator.assign(await operator.savePolicy('polder.internet'), ids);
    clock.pace(4);
    await untilApplied('polder.internet', gateways, 110_000);
  });

  it('makes no device that is well give up: when it is back, each ends with what was assigned, confirmed', async () => {
    await operator.assign(await operator.savePolicy('fleet.next'), ids);
    await untilApplied('fleet.next', gateways / 4, 60_000);
    const gone = world.processes();
    for (const pid of gone) await killNow(pid);
    const before = clock.monotonicMs();
    clock.pace(fast);
    await waitUntil('an hour of theirs', () => (clock.monotonicMs() - before > hourMs ? true : null), { timeoutMs: 300_000 });
    clock.pace(fast / 2);
    await world.start();
    // Who went back without a verdict waits a quarter of an hour of its time, and tries again.
    await untilApplied('fleet.next', gateways, 400_000);
    const details: DeviceDetail[] = await Promise.all(ids.map((id) => operator.device(id)));
    expect(details.filter(({ target }) => !target?.change?.confirmedAt).map(({ id }) => id)).toEqual([]);
    expect(await eventsOf('change.reverted')).toEqual([]);
    // Each of them was told to go there once.
    expect(new Set(details.map(({ target }) => target?.version.number))).toEqual(new Set([2]));
  }, 900_000);
});
