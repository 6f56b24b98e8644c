import { silentLog } from '@towline/kit';
import type { VersionRef } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../../api/testing/api-harness.ts';
import { addPolicy } from '../../api/testing/fleet.ts';
import { systemClock, systemIds } from '../../platform/clock.ts';
import { type Doom, DoomedLife } from '../../platform/testing/doomed-life.ts';
import { dyingName, openDyingDatabase } from '../../platform/testing/dying-database.ts';
import { RolloutBench } from '../testing/rollout-bench.ts';
import { createRolloutTick } from './create-rollout-tick.ts';

let api: ApiHarness;
let bench: RolloutBench;
let policies: VersionRef[];
beforeAll(async () => {
  api = await createApiHarness();
  bench = new RolloutBench(api);
  await bench.hear();
  policies = [await addPolicy(api, 'fleet.one'), await addPolicy(api, 'fleet.two')];
});
afterAll(() => api.close());

const settings = {
  waves: { kind: 'counts', sizes: [3] },
  successPercent: 50,
  retries: { attempts: 1, baseS: 60 },
  breaker: { minimumSample: 10 },
};

interface Scene {
  readonly id: string;
  readonly devices: readonly string[];
}

/** What a rollout comes to between two words of its devices. */
type Phase = 'opens' | 'acknowledged' | 'ends' | 'tries-again';

async function comeTo(phase: Phase, turn: number, devices: readonly string[]): Promise<Scene> {
  const policy = policies[turn % 2] ?? { id: '', version: 1 };
  const { id } = await bench.start(policy, { devices }, settings);
  const [one = '', two = '', three = ''] = devices;
  if (phase === 'opens') return { id, devices };
  await bench.run();
  await bench.say(devices, 'held');
  if (phase === 'acknowledged') return { id, devices };
  await bench.run();
  await bench.say([one, two], 'applied');
  if (phase === 'ends') {
    await bench.say([three], 'applied');
    return { id, devices };
  }
  await bench.say([three], 'failed', 'apn.unknown');
  await bench.run();
  await bench.pass(id, 100);
  return { id, devices };
}

/** Until Postgres has noticed the death: what the dead one had locked is passed over by others before, as a live one's is. */
const untilBuried = () =>
  expect
    .poll(async () => {
      const { rows } = await api.database.pool.query(
        "select 1 from pg_stat_activity where datname = current_database() and application_name = $1 and state <> 'idle'",
        [dyingName],
      );
      return rows;
    })
    .toEqual([]);

/** @returns whether the doom came: with a later one there would be nothing more to try */
async function runToDoom(doom: Doom): Promise<boolean> {
  const life = new DoomedLife(doom);
  const database = openDyingDatabase(api.database.url, life);
  const { sealer } = api.ports;
  const tick = createRolloutTick({ database, sealer, ids: systemIds, clock: systemClock, log: silentLog });
  try {
    while (await tick.round());
  } catch {
    expect(life.met).toBe(true);
  }
  await database.close();
  await untilBuried();
  return life.met;
}

async function numbers(devices: readonly string[]): Promise<number[]> {
  const rows = await api.database.prisma.target.findMany({ where: { deviceId: { in: [...devices] } }, orderBy: { deviceId: 'asc' } });
  return devices.map((device) => rows.find((row) => row.deviceId === device)?.number ?? 0);
}

async function finish({ id, devices }: Scene): Promise<void> {
  for (let turn = 0; turn < 4 && (await bench.stateOf(id)) !== 'finished'; turn += 1) {
    await bench.run();
    await bench.say(devices, 'applied');
  }
  await bench.run();
}

/** However often it died: finished once, every device succeeded, no count lost. */
const whole = { state: 'finished', succeeded: 3, isCounted: true, finishes: 1 };

async function outcomeOf({ id, devices }: Scene, before: readonly number[]) {
  const { state, counts } = await bench.get(id);
  const { kept, real } = await bench.counts(id);
  const after = await numbers(devices);
  return {
    state,
    succeeded: counts.succeeded,
    isCounted: JSON.stringify(kept) === JSON.stringify(real),
    finishes: await api.database.prisma.auditEntry.count({ where: { subject: id, action: 'rollout.finish' } }),
    tries: [...(await bench.standings(id)).values()].map(({ attempt }) => attempt),
    given: after.map((number, index) => number - (before[index] ?? 0)),
  };
}

const killed = { before: 'asked', ends: 'process' } as const;
/** Whether its commit stands it does not know, and it lives on. */
const unheard = { before: 'answered', ends: 'connection' } as const;
let fleets = 0;

describe('a ticker at any of its statements', () => {
  it.each<[Phase, string, Omit<Doom, 'at'>]>([
    ['opens', 'killed', killed],
    ['acknowledged', 'killed', killed],
    ['ends', 'killed', killed],
    ['tries-again', 'killed', killed],
    ['opens', 'left without an answer', unheard],
    ['ends', 'left without an answer', unheard],
  ])(
    'of a rollout that %s is %s, and leaves it whole: it goes on',
    async (phase, _, doom) => {
      fleets += 1;
      const devices = await bench.devices(`f${fleets}`, 3);
      let deaths = 0;
      for (let came = true; came; deaths += came ? 1 : 0) {
        const before = await numbers(devices);
        const scene = await comeTo(phase, deaths, devices);
        came = await runToDoom({ ...doom, at: deaths + 1 });
        await finish(scene);
        const tries = phase === 'tries-again' ? [1, 1, 2] : [1, 1, 1];
        expect(await outcomeOf(scene, before)).toEqual({ ...whole, tries, given: tries });
      }
      expect(deaths).toBeGreaterThan(10);
    },
    300_000,
  );

  it('does nothing twice when two drive at once', async () => {
    const devices = await bench.devices('z', 40);
    const policy = policies[0] ?? { id: '', version: 1 };
    const { id } = await bench.start(policy, { devices }, { waves: { kind: 'counts', sizes: [7, 33] }, caps: { inFlight: 11 } });
    const { database, sealer } = api.ports;
    const parts = { database, sealer, ids: systemIds, clock: systemClock, log: silentLog };
    const ticks = [createRolloutTick(parts), createRolloutTick(parts), createRolloutTick(parts)];
    for (let turn = 0; turn < 30 && (await bench.stateOf(id)) !== 'finished'; turn += 1) {
      await Promise.all(ticks.map((tick) => tick.round()));
      const opened = await bench.inState(id, 'opened');
      expect(opened.length).toBeLessThanOrEqual(11);
      await bench.say(opened, 'applied');
    }
    expect(await bench.get(id)).toMatchObject({ state: 'finished', counts: { succeeded: 40 } });
    expect(await numbers(devices)).toEqual(devices.map(() => 1));
    const waves = await api.database.prisma.auditEntry.count({ where: { subject: id, action: 'rollout.wave' } });
    expect(waves).toBe(2);
  });
});
