import type { Agent } from '@towline/agent';
import { waitUntil } from '@towline/demo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FleetUnderLoad, startFleetUnderLoad } from './harness/fleet-under-load.ts';
import { Operator } from './harness/operator.ts';
import { killNow } from './harness/processes.ts';
import { agentInProcess, raiseTappedFleet } from './harness/tapped-fleet.ts';
import { type ControlPlaneRole, startWorld, type World } from './harness/world.ts';

const lightDevices = 30;
const gateways = raiseTappedFleet(['ec200a', 'sim7600']).gateways;

let world: World;
let fleet: FleetUnderLoad;
const agents: Agent[] = [];

beforeAll(async () => {
  world = await startWorld();
  const place = { url: world.httpUrl, claimToken: await world.claimToken(gateways.length) };
  for (const gateway of gateways) {
    const agent = agentInProcess(gateway, place);
    agents.push(agent);
    await agent.start();
  }
  fleet = await startFleetUnderLoad(world, lightDevices);
});

afterAll(async () => {
  await fleet?.stop();
  await Promise.all(agents.map((agent) => agent.stop()));
  await world?.stop();
});

/** Kills a role's process and waits for the one that the supervisor starts in its place. */
async function killRole(role: ControlPlaneRole): Promise<void> {
  const before = await world.roleProcess(role);
  await killNow(before);
  const after = await world.roleProcess(role);
  expect(after).not.toBe(before);
}

/** With full jitter on a first delay of a second, a fleet of this size comes back within less only when there is no jitter. */
const leastSpreadMs = 300;

describe('under telemetry load, with kill -9', () => {
  it('of the edge: every device reconnects in its own time, and reports go on', async () => {
    const sinceMs = performance.now();
    await killRole('edge');
    await fleet.untilAcknowledgedAnew();
    expect(fleet.disconnects).toBeGreaterThanOrEqual(lightDevices);
    expect(fleet.reconnectSpreadMs(sinceMs)).toBeGreaterThan(leastSpreadMs);
  });

  it('of the API: no device notices, and the API answers again', async () => {
    const before = fleet.disconnects;
    await killRole('api');
    await waitUntil('the API', async () => {
      const answer = await fetch(`${world.httpUrl}/health/ready`).catch(() => null);
      return answer?.ok ? true : null;
    });
    await fleet.untilAcknowledgedAnew();
    expect(fleet.disconnects).toBe(before);
  });

  it('of the ticker: no device notices', async () => {
    const before = fleet.disconnects;
    await killRole('ticker');
    await fleet.untilAcknowledgedAnew();
    expect(fleet.disconnects).toBe(before);
  });

  it('of Postgres: no device is cut off, and reports go on when it is back', async () => {
    const before = fleet.disconnects;
    const postmaster = await world.postmaster();
    await killNow(postmaster);
    await waitUntil('another Postgres', async () => ((await world.postmaster()) === postmaster ? null : true));
    await fleet.untilAcknowledgedAnew();
    expect(fleet.disconnects).toBe(before);
  });

  it('of the supervisor: its next start takes over what was left', async () => {
    const left = world.processes().slice(1);
    await killNow(world.supervisorPid);
    await waitUntil('the processes of the dead supervisor to end', () => (world.areAllGone(left) ? true : null));
    await world.start();
    await fleet.untilAcknowledgedAnew();
  });

  it('of supervisor, edge, API and Postgres at once: the next start brings everything back', async () => {
    const postmaster = await world.postmaster();
    await Promise.all([...world.processes(), postmaster].map(killNow));
    await world.start();
    await fleet.untilAcknowledgedAnew();
  });

  it('nothing that was acknowledged is missing, nothing is stored twice, and everything held has arrived', async () => {
    expect(await fleet.finish()).toEqual([]);
    expect(fleet.history.sent.length).toBeGreaterThan(lightDevices * 10);
  });

  it('the real agents among them are back too', async () => {
    const operator = new Operator(world.api);
    const ids = (await operator.devices()).filter(({ name }) => name.startsWith('E2E-')).map(({ id }) => id);
    expect(ids).toHaveLength(gateways.length);
    await operator.untilEach('online', ids, ({ online, registration }) => online && registration === 'home');
  });
});
