import { waitUntil } from '@towline/demo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FleetUnderLoad, startFleetUnderLoad } from './harness/fleet-under-load.ts';
import { childrenOf, signal } from './harness/processes.ts';
import { startWorld, type World } from './harness/world.ts';

const lightDevices = 30;
/** Of 2 s each, with nothing else sent on the line while a window is full. */
const keepAlives = 3;

let world: World;
let fleet: FleetUnderLoad;

beforeAll(async () => {
  world = await startWorld();
  fleet = await startFleetUnderLoad(world, lightDevices);
});

afterAll(async () => {
  await fleet?.stop();
  await world?.stop();
});

/** Long enough for a broker that does not read, or does not answer, to have lost every session. */
async function untilKeptAlive(): Promise<void> {
  const marks = fleet.devices.map((device) => ({ device, pongs: device.pongs }));
  await waitUntil('the keep-alives of every device to be answered', () =>
    marks.every(({ device, pongs }) => device.pongs >= pongs + keepAlives || device.disconnects > 0) ? true : null,
  );
}

const acksSeen = () => fleet.history.acks.length;

describe('a Postgres that stands still', () => {
  it('as a frozen server: no device is cut off, and everything arrives afterwards', async () => {
    const postmaster = await world.postmaster();
    const frozen = [postmaster, ...childrenOf(postmaster).map(({ pid }) => pid)];
    for (const pid of frozen) signal(pid, 'SIGSTOP');
    try {
      await untilKeptAlive();
    } finally {
      for (const pid of frozen) signal(pid, 'SIGCONT');
    }
    expect(fleet.disconnects).toBe(0);
    await fleet.untilAcknowledgedAnew();
  });

  it('by a locked table: no report is acknowledged meanwhile, and no device is cut off', async () => {
    const client = await world.connect();
    try {
      await client.query('begin; lock table telemetry in access exclusive mode');
      await waitUntil('the last acks from before the lock', () => (fleet.devices.every(({ holding }) => holding > 16) ? true : null));
      const before = acksSeen();
      await untilKeptAlive();
      expect(acksSeen()).toBe(before);
      await client.query('commit');
    } finally {
      await client.end();
    }
    expect(fleet.disconnects).toBe(0);
    await fleet.untilAcknowledgedAnew();
  });

  it('loses nothing and doubles nothing', async () => {
    expect(await fleet.finish()).toEqual([]);
  });
});
