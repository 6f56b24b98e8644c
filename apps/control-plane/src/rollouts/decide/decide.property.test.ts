import { rolloutSettingsSchema } from '@towline/protocol/http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Behaviour, type ModelDevice, ModelWorld } from '../testing/model-world.ts';
import { badOf, noCounts, reachableOf, sumOf } from './counts.ts';
import { cutWaves } from './cut-waves.ts';
import { haltReason } from './halt.ts';

const behaviour = fc.constantFrom<Behaviour>('succeeds', 'succeeds', 'succeeds', 'fails', 'reverts', 'mute', 'deaf');
const name = (prefix: string, most: number) => fc.option(fc.integer({ min: 1, max: most }).map((n) => `${prefix}${n}`));

const deviceArbitrary = fc.record({
  fate: fc.record({ site: name('s', 3), carrier: name('c', 2), cell: name('z', 4), model: name('m', 2) }),
  tries: fc.array(behaviour, { minLength: 1, maxLength: 4 }),
  offlineSeconds: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
  ackMs: fc.integer({ min: 0, max: 20_000 }),
  answerMs: fc.integer({ min: 0, max: 40_000 }),
});

const cap = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });
const settingsArbitrary = fc
  .record({
    waves: fc.oneof(
      fc.record({ kind: fc.constant('counts'), sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }) }),
      fc.record({ kind: fc.constant('percents'), percents: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 4 }) }),
      fc.record({ kind: fc.constant('rate'), basePerMinute: fc.integer({ min: 1, max: 60 }), after: fc.integer({ min: 1, max: 9 }) }),
    ),
    successPercent: fc.integer({ min: 0, max: 100 }),
    failurePercent: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    breaker: fc.record({ percent: fc.integer({ min: 1, max: 100 }), minimumSample: fc.integer({ min: 1, max: 8 }) }),
    caps: fc.record({ inFlight: fc.integer({ min: 1, max: 8 }), perSite: cap, perCarrier: cap, perCell: cap, perModel: cap }),
    timeouts: fc.record({ reachS: fc.integer({ min: 5, max: 30 }), answerS: fc.integer({ min: 5, max: 60 }) }),
    retries: fc.record({ attempts: fc.integer({ min: 0, max: 3 }), baseS: fc.integer({ min: 1, max: 30 }) }),
    endAfterS: fc.integer({ min: 60, max: 1200 }),
  })
  .map((settings) => rolloutSettingsSchema.parse(settings));

const worldArbitrary = fc.tuple(settingsArbitrary, fc.array(deviceArbitrary, { maxLength: 20 })).map(([settings, devices]) => {
  const waves = cutWaves(settings.waves, devices.length).flatMap((size, index) => Array.from({ length: size }, () => index + 1));
  return new ModelWorld(
    settings,
    devices.map((device, index): ModelDevice => ({ ...device, id: `d${index}`, wave: waves[index] ?? 0 })),
  );
});

/** The database's clock: it goes on, jumps ahead, and now and then is set back. */
const gap = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 3000 }) },
  { weight: 1, arbitrary: fc.integer({ min: -5000, max: -1 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 600_000 }) },
);
const pause = fc.array(gap, { minLength: 50, maxLength: 50 }).filter((gaps) => gaps.reduce((sum, one) => sum + one, 0) > 0);

/** The clock goes on by these gaps, over and over; a rollout that was halted is resumed so many times. */
function run(world: ModelWorld, gaps: readonly number[], look: (opened: readonly string[]) => void, resumes = 0): void {
  let left = resumes;
  for (let turn = 0; turn < 4000 && !world.settled(); turn += 1) {
    const { openings } = world.step();
    look(openings.map(({ device }) => device));
    if (world.state === 'paused') {
      if (left === 0) return;
      left -= 1;
      world.resume();
    }
    world.nowMs += 1 + (gaps[turn % gaps.length] ?? 0);
  }
}

const runs = { numRuns: 100 };

describe('a rollout, whatever its devices do and however time goes', () => {
  it('never has more devices on their way than a cap allows', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        const { caps } = world.settings;
        run(world, gaps, () => {
          const most = (kind: 'site' | 'carrier' | 'cell' | 'model') => Math.max(0, ...world.inFlight(kind).values());
          expect(world.view().flight.rollout).toBeLessThanOrEqual(caps.inFlight);
          expect(most('site')).toBeLessThanOrEqual(caps.perSite ?? Number.POSITIVE_INFINITY);
          expect(most('carrier')).toBeLessThanOrEqual(caps.perCarrier ?? Number.POSITIVE_INFINITY);
          expect(most('cell')).toBeLessThanOrEqual(caps.perCell ?? Number.POSITIVE_INFINITY);
          expect(most('model')).toBeLessThanOrEqual(caps.perModel ?? Number.POSITIVE_INFINITY);
        });
      }),
      runs,
    );
  });

  it('opens nothing once too much went wrong', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        run(
          world,
          gaps,
          (opened) => {
            // After the step that saw it, the rollout stands; what was opened in this step was opened before anything was known.
            const halted = haltReason(world.waves(), world.settings, world.forgiven);
            if (halted && opened.length > 0) expect(world.state).not.toBe('running');
            if (world.state === 'paused') expect(opened).toEqual([]);
          },
          3,
        );
      }),
      runs,
    );
  });

  it('stops again for whoever goes wrong after those that were forgiven have come to it', () => {
    const settings = rolloutSettingsSchema.parse({
      waves: { kind: 'counts', sizes: [50, 50] },
      timeouts: { answerS: 10 },
      retries: { attempts: 0 },
    });
    const still = { fate: { site: null, carrier: null, cell: null, model: null }, offlineSeconds: [], ackMs: 0 };
    const device = (index: number): ModelDevice =>
      index < 50
        ? { ...still, id: `d${index}`, wave: 1, tries: ['succeeds'], answerMs: 30_000 }
        : { ...still, id: `d${index}`, wave: 2, tries: ['fails'], answerMs: 0 };
    const world = new ModelWorld(
      settings,
      Array.from({ length: 100 }, (_, index) => device(index)),
    );
    run(world, [1000], () => undefined);
    expect(sumOf(world.waves())).toMatchObject({ silent: 50 });
    world.resume();
    world.nowMs += 30_000;
    run(world, [1000], () => undefined);
    expect(world.state).toBe('paused');
    expect(sumOf(world.waves())).toMatchObject({ succeeded: 50, failed: 50 });
  });

  it('begins a wave only when enough of the one before succeeded', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        let before = world.currentWave;
        run(world, gaps, () => {
          if (world.currentWave > before && world.settings.successPercent > 0) {
            const { counts } = world.waves()[before - 1] ?? { counts: noCounts };
            const reachable = reachableOf(counts);
            if (reachable > 0) expect(counts.succeeded * 100).toBeGreaterThanOrEqual(world.settings.successPercent * reachable);
            else expect(counts.waiting).toBe(0);
          }
          before = world.currentWave;
        });
      }),
      runs,
    );
  });

  it('opens no device of a wave to come, and tries none more often than it may', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        run(
          world,
          gaps,
          () => {
            for (const { attempt, device } of world.rows) {
              expect(attempt).toBeLessThanOrEqual(world.settings.retries.attempts + 1);
              if (device.wave > world.currentWave) expect(attempt).toBe(0);
            }
          },
          5,
        );
      }),
      runs,
    );
  });

  it('loses no device and counts each once', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        const devices = world.rows.length;
        run(world, gaps, () => {
          const all = sumOf(world.waves());
          expect(Object.values(all).reduce((sum, count) => sum + count, 0)).toBe(devices);
          expect(badOf(all)).toBeLessThanOrEqual(devices);
        });
      }),
      runs,
    );
  });

  it('opens no device that is on its way, or has come to its end', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        let before = new Map(world.rows.map(({ device, state }) => [device.id, state]));
        run(world, gaps, (opened) => {
          expect(new Set(opened).size).toBe(opened.length);
          for (const id of opened) expect(['pending', 'waiting', 'failed', 'reverted', 'silent']).toContain(before.get(id));
          before = new Map(world.rows.map(({ device, state }) => [device.id, state]));
        });
      }),
      runs,
    );
  });

  it('calls nobody silent and opens nobody while no edge hears devices', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, fc.infiniteStream(fc.boolean()), (world, gaps, draws) => {
        const silent = () => world.rows.filter(({ state }) => state === 'silent').length;
        let [wasHearing, before] = [world.hearing, 0];
        run(
          world,
          gaps,
          (opened) => {
            if (!wasHearing) expect(opened).toEqual([]);
            if (!wasHearing) expect(silent()).toBeLessThanOrEqual(before);
            before = silent();
            wasHearing = draws.next().value ?? true;
            world.hearing = wasHearing;
          },
          100,
        );
      }),
      runs,
    );
  });

  it('ends: finished with nothing on its way, or halted for a person', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        run(world, gaps, () => undefined, 100);
        expect(world.settled() || world.state === 'paused').toBe(true);
        if (world.settled()) for (const { state } of world.rows) expect(['pending', 'waiting', 'opened', 'changing']).not.toContain(state);
      }),
      runs,
    );
  });
});
