import type { VersionRef } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addPolicy } from '../api/testing/fleet.ts';
import { type Doom, DoomedLife } from '../platform/testing/doomed-life.ts';
import { RolloutBench } from '../rollouts/testing/rollout-bench.ts';
import { type DoomedEdge, startDoomedEdge } from './testing/doomed-edge.ts';
import { markCode, PaperDevice } from './testing/paper-device.ts';

let api: ApiHarness;
let bench: RolloutBench;
let policy: VersionRef;
beforeAll(async () => {
  api = await createApiHarness();
  bench = new RolloutBench(api);
  await bench.hear();
  await api.call('PATCH', '/v1/rollouts/approval', { above: null });
  policy = await addPolicy(api, 'fleet.one');
});
afterAll(() => api.close());

type Part = 'ingest' | 'outbox';

/** A device that hears nothing says what it said again. */
const patienceMs = 1000;

const startEdge = (device: PaperDevice, part: Part, life: DoomedLife): Promise<DoomedEdge> =>
  startDoomedEdge({
    databaseUrl: api.database.url,
    sealer: api.ports.sealer,
    lives: { ingest: new DoomedLife(), outbox: new DoomedLife(), [part]: life },
    deliver: (_, channel, payload) => device.hear(channel, payload),
  });

/** Whether it is content; it says what it has to say, and waits for as long as its patience lasts. */
async function talk(device: PaperDevice, edge: DoomedEdge): Promise<boolean> {
  const said = new Set<string>();
  const isOver = () => {
    for (const { name, message } of device.owed) if (!said.has(name)) edge.accept(message);
    for (const { name } of device.owed) said.add(name);
    return device.isContent || edge.isDead();
  };
  await expect
    .poll(isOver, { interval: 2, timeout: patienceMs })
    .toBe(true)
    .catch(() => undefined);
  return device.isContent && !edge.isDead();
}

/** The device that the rollout opened goes through its whole change, while the edge meets its doom and another one goes on. */
async function passage(device: PaperDevice, part: Part, life: DoomedLife): Promise<void> {
  let edge = await startEdge(device, part, life);
  for (let turn = 0; turn < 20 && !(await talk(device, edge)); turn += 1) {
    if (!edge.isDead()) continue;
    await edge.stop();
    edge = await startEdge(device, part, new DoomedLife());
  }
  // A note whose removal was undone is sent once more.
  await expect.poll(() => api.database.prisma.outbox.count({ where: { deviceId: device.id } }), { interval: 5 }).toBe(0);
  await edge.stop();
}

const changedOnce = {
  changes: 1,
  isContent: true,
  target: { number: 1, status: 'applied', isConfirmed: true },
  telemetry: 1,
  events: 1,
  quarantined: 0,
};

async function standingOf({ id, changes, isContent }: PaperDevice) {
  const { prisma, pool } = api.database;
  const where = { deviceId: id };
  const { number, status, confirmedAt } = await prisma.target.findFirstOrThrow({ where });
  return {
    changes: changes.length,
    isContent,
    target: { number, status, isConfirmed: confirmedAt !== null },
    telemetry: (await pool.query('select from telemetry where device_id = $1', [id])).rowCount,
    events: await prisma.event.count({ where: { ...where, code: markCode } }),
    quarantined: await prisma.quarantine.count({ where }),
  };
}

const waveSize = 20;

interface Scene {
  readonly id: string;
  readonly waves: number;
  /** Devices that were greeted before anything was opened: a target reaches them by its note alone, and not in answer to a hello too. */
  readonly greeted: ReadonlyMap<string, PaperDevice>;
}

async function greet(ids: readonly string[]): Promise<Map<string, PaperDevice>> {
  const devices = new Map(ids.map((id) => [id, new PaperDevice(id)]));
  const edge = await startDoomedEdge({
    databaseUrl: api.database.url,
    sealer: api.ports.sealer,
    lives: { ingest: new DoomedLife(), outbox: new DoomedLife() },
    deliver: ({ device }, channel, payload) => devices.get(device)?.hear(channel, payload),
  });
  const all = [...devices.values()];
  for (const { owed } of all) for (const { message } of owed) edge.accept(message);
  await expect.poll(() => all.flatMap(({ owed }) => owed), { timeout: 10_000 }).toEqual([]);
  await edge.stop();
  return devices;
}

async function startRollout(part: Part, prefix: string, count: number): Promise<Scene> {
  const devices = await bench.devices(prefix, count);
  const sizes = Array.from({ length: Math.ceil(count / waveSize) }, () => waveSize);
  const { id } = await bench.start(policy, { devices }, { waves: { kind: 'counts', sizes }, caps: { inFlight: 1 } });
  return { id, waves: sizes.length, greeted: part === 'outbox' ? await greet(devices) : new Map() };
}

async function openedIn({ id, greeted }: Scene): Promise<PaperDevice> {
  await bench.run();
  const [opened = 'none', ...others] = await bench.inState(id, 'opened');
  expect(others).toEqual([]);
  return greeted.get(opened) ?? new PaperDevice(opened);
}

/** Statements of this part while one device changes and nothing goes wrong. */
async function countStatements(part: Part, prefix: string): Promise<number> {
  const scene = await startRollout(part, prefix, 1);
  const life = new DoomedLife();
  await passage(await openedIn(scene), part, life);
  return life.statements;
}

describe.each<[Part, string, number]>([
  ['outbox', 'b', 10],
  ['ingest', 'c', 30],
])(
  'whatever becomes of an edge at any statement of its %s, it stores what it acknowledges, once, and every device changes once:',
  (part, prefix, least) => {
    it.each<[string, Omit<Doom, 'at'>]>([
      ['killed before it', { before: 'asked', ends: 'process' }],
      ['killed after it', { before: 'answered', ends: 'process' }],
      ['its connection lost before it', { before: 'asked', ends: 'connection' }],
      ['its connection lost with the answer', { before: 'answered', ends: 'connection' }],
    ])(
      '%s',
      async (name, doom) => {
        const fleet = `${prefix}${name.length}`;
        const statements = await countStatements(part, `${fleet}z`);
        const scene = await startRollout(part, fleet, statements);
        const { id, waves } = scene;
        let met = 0;
        for (let at = 1; at <= statements; at += 1) {
          const device = await openedIn(scene);
          const life = new DoomedLife({ ...doom, at });
          await passage(device, part, life);
          expect({ at, ...(await standingOf(device)) }).toEqual({ at, ...changedOnce });
          met += life.met ? 1 : 0;
        }
        await bench.run();
        const { kept, real } = await bench.counts(id);
        expect(kept).toEqual(real);
        expect(await bench.get(id)).toMatchObject({ state: 'finished', counts: { succeeded: statements } });
        expect(await api.database.prisma.auditEntry.count({ where: { subject: id, action: 'rollout.wave' } })).toBe(waves);
        // How messages fall into batches differs from run to run.
        expect(met).toBeGreaterThanOrEqual(least);
      },
      300_000,
    );
  },
);
