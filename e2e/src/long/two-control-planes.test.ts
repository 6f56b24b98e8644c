import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChangingFleet } from '../harness/changing-fleet.ts';
import { killBroker, killControlPlane } from '../harness/harms.ts';
import { runHistory } from '../harness/history-run.ts';
import { type Mosquitto, startMosquitto } from '../harness/mosquitto.ts';
import { startWorld, storyDirectory, type World } from '../harness/world.ts';

const devices = 60;
const seconds = 30;

let mosquitto: Mosquitto;
let first: World;
let second: World;
let fleet: ChangingFleet;

/** Another control plane over the same database and broker, with the same key. */
async function startBeside(world: World): Promise<World> {
  const directory = storyDirectory();
  mkdirSync(join(directory, 'control-plane'));
  copyFileSync(join(world.dataDir, 'first-token'), join(directory, 'control-plane/first-token'));
  const { MQTT_URL = '', TOWLINE_KEY = '' } = world.environment;
  return startWorld({ directory, environment: { DATABASE_URL: world.databaseUrl, MQTT_URL, TOWLINE_KEY } });
}

beforeAll(async () => {
  const directory = storyDirectory();
  mosquitto = await startMosquitto(directory);
  const environment = { MQTT_URL: mosquitto.url, TOWLINE_KEY: randomBytes(32).toString('base64') };
  first = await startWorld({ directory, environment });
  second = await startBeside(first);
  fleet = await ChangingFleet.raise(first, { count: devices, sites: 4 });
});

afterAll(async () => {
  await fleet?.stop();
  await second?.stop();
  await first?.stop();
  await mosquitto?.kill();
});

describe('two control planes at one outside broker, under rollouts, with kill -9 of either', () => {
  it('change each gateway once, within the caps, wave after wave, none after a pause, and all of it is in the audit log', async () => {
    const harms = [killControlPlane(first, 'the first'), killControlPlane(second, 'the second'), killBroker(mosquitto)];
    const told = await runHistory({ fleet, apis: [first.api, second.api], harms, seconds, seed: 1 });
    expect(told.violations, told.harms.join(', ')).toEqual([]);
    expect(fleet.changes).toHaveLength(devices * told.rollouts);
  }, 600_000);

  it('lose no report that was acknowledged, and store none twice', async () => {
    expect(await fleet.finishReports()).toEqual([]);
  });
});
