import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChangingFleet } from './harness/changing-fleet.ts';
import { CuttableWay } from './harness/cuttable-way.ts';
import { cutConnections, freezePostgres, freezeRole, killControlPlane, killPostgres, killRole } from './harness/harms.ts';
import { runHistory } from './harness/history-run.ts';
import { startWorld, type World } from './harness/world.ts';

/** docs/fault-injection.md tells how to make it a long one. */
const seconds = Number(process.env.HISTORY_SECONDS ?? 40);
const seed = Number(process.env.HISTORY_SEED ?? 1);
const frozenMs = [2000, seconds > 120 ? 30_000 : 5000] as const;
const devices = 100;

let world: World;
let way: CuttableWay;
let fleet: ChangingFleet;

beforeAll(async () => {
  world = await startWorld();
  way = await CuttableWay.to(Number(new URL(world.mqttUrl).port));
  fleet = await ChangingFleet.raise(world, { count: devices, sites: 8, mqttUrl: `mqtt://127.0.0.1:${way.port}` });
});

afterAll(async () => {
  await fleet?.stop();
  way?.close();
  await world?.stop();
});

describe(`rollouts over ${devices} gateways while processes are killed and frozen and connections are cut (seed ${seed})`, () => {
  it(
    'change each gateway once, within the caps, wave after wave, none after a pause, and all of it is in the audit log',
    async () => {
      const harms = [
        killRole(world, 'edge'),
        killRole(world, 'ticker'),
        killRole(world, 'api'),
        killPostgres(world),
        freezeRole(world, 'edge', frozenMs),
        freezeRole(world, 'ticker', frozenMs),
        freezePostgres(world, frozenMs),
        killControlPlane(world),
        cutConnections(way),
      ];
      const told = await runHistory({ fleet, apis: [world.api], harms, seconds, seed });
      expect(told.violations, told.harms.join(', ')).toEqual([]);
      expect(fleet.changes).toHaveLength(devices * told.rollouts);
    },
    seconds * 1000 + 600_000,
  );

  it('lose no report that was acknowledged, and store none twice', async () => {
    expect(await fleet.finishReports()).toEqual([]);
  });
});
