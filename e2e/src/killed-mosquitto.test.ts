import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FleetUnderLoad, startFleetUnderLoad } from './harness/fleet-under-load.ts';
import { type Mosquitto, startMosquitto } from './harness/mosquitto.ts';
import { killNow } from './harness/processes.ts';
import { startWorld, storyDirectory, type World } from './harness/world.ts';

const lightDevices = 30;
/** As for the embedded broker. */
const leastSpreadMs = 300;

let mosquitto: Mosquitto;
let world: World;
let fleet: FleetUnderLoad;

beforeAll(async () => {
  const directory = storyDirectory();
  mosquitto = await startMosquitto(directory);
  world = await startWorld({ directory, environment: { MQTT_URL: mosquitto.url } });
  fleet = await startFleetUnderLoad(world, lightDevices);
});

afterAll(async () => {
  await fleet?.stop();
  await world?.stop();
  await mosquitto?.kill();
});

describe('at an outside broker, under telemetry load, with kill -9', () => {
  it('of Mosquitto: control plane and devices come back to the next one, each in its own time', async () => {
    const sinceMs = performance.now();
    await mosquitto.kill();
    await mosquitto.start();
    await fleet.untilAcknowledgedAnew();
    expect(fleet.disconnects).toBeGreaterThanOrEqual(lightDevices);
    expect(fleet.reconnectSpreadMs(sinceMs)).toBeGreaterThan(leastSpreadMs);
  });

  it('of the ingest session: no device is cut off', async () => {
    const before = fleet.disconnects;
    const edge = await world.roleProcess('edge');
    await killNow(edge);
    expect(await world.roleProcess('edge')).not.toBe(edge);
    await fleet.untilAcknowledgedAnew();
    expect(fleet.disconnects).toBe(before);
  });

  it('of Postgres: no device is cut off', async () => {
    const before = fleet.disconnects;
    await killNow(await world.postmaster());
    await fleet.untilAcknowledgedAnew();
    expect(fleet.disconnects).toBe(before);
  });

  it('nothing that was acknowledged is missing, nothing is stored twice, and everything held has arrived', async () => {
    expect(await fleet.finish()).toEqual([]);
  });
});
