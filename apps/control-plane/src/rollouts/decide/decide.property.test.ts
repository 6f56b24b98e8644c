import { type RolloutDeviceState, type RolloutSettings, rolloutSettingsSchema } from '@towline/protocol/http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Behaviour, type Happening, type ModelDevice, ModelWorld } from '../testing/model-world.ts';
import { badOf, inFlightOf, noCounts, reachableOf, sumOf, wavesAfter } from './counts.ts';
import { cutWaves } from './cut-waves.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { haltReason } from './halt.ts';
import { mayGoOn } from './may-go-on.ts';
import type { RolloutView } from './view.ts';

const behaviour = fc.constantFrom<Behaviour>('succeeds', 'succeeds', 'succeeds', 'fails', 'reverts', 'mute', 'deaf');
const name = (prefix: string, most: number) => fc.option(fc.integer({ min: 1, max: most }).map((n) => `${prefix}${n}`));

const deviceArbitrary = fc.record({
  fate: fc.record({ site: name('s', 3), carrier: name('c', 2), cell: name('z', 4), model: name('m', 2) }),
  tries: fc.array(behaviour, { minLength: 1, maxLength: 4 }),
  offlineSeconds: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
  ackMs: fc.integer({ min: 0, max: 45_000 }),
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
    successCount: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    failurePercent: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    failureCount: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    breaker: fc.record({ percent: fc.integer({ min: 1, max: 100 }), minimumSample: fc.integer({ min: 1, max: 8 }) }),
    caps: fc.record({ inFlight: fc.integer({ min: 1, max: 8 }), perSite: cap, perCarrier: cap, perCell: cap, perModel: cap }),
    timeouts: fc.record({ reachS: fc.integer({ min: 30, max: 60 }), answerS: fc.integer({ min: 5, max: 60 }) }),
    retries: fc.record({ attempts: fc.integer({ min: 0, max: 3 }), baseS: fc.integer({ min: 1, max: 30 }) }),
    endAfterS: fc.integer({ min: 60, max: 1200 }),
  })
  .map((settings) => rolloutSettingsSchema.parse(settings));

const happening = fc.oneof(
  { weight: 7, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.constantFrom<Happening>('pause', 'resume', 'grow', 'backup', 'restore', 'edge-away', 'edge-back') },
);
const happenings = fc.array(happening, { minLength: 60, maxLength: 150 }).map((some) => [...some, 'edge-back' as const]);

function worldOf(wayBack: fc.Arbitrary<boolean>) {
  const devices = fc.array(deviceArbitrary, { maxLength: 20 });
  const later = fc.array(deviceArbitrary, { maxLength: 5 });
  return fc.tuple(settingsArbitrary, devices, later, happenings, wayBack).map(([settings, now, then, script, writeAhead]) => {
    // A way back has one wave, and nobody comes to it.
    const plan = writeAhead ? [now.length] : cutWaves(settings.waves, now.length);
    const waves = plan.flatMap((size, index) => Array.from({ length: size }, () => index + 1));
    const join = (device: (typeof now)[number], index: number): ModelDevice => ({
      ...device,
      id: `d${index}`,
      wave: waves[index] ?? Math.max(1, plan.length),
    });
    const all = [...now, ...(writeAhead ? [] : then)].map(join);
    return new ModelWorld(settings, all.slice(0, now.length), { writeAhead, later: all.slice(now.length), happenings: script });
  });
}
/** Of either kind, with all that may befall it. */
const worldArbitrary = worldOf(fc.boolean());
const wayForthArbitrary = worldOf(fc.constant(false));
const wayBackArbitrary = worldOf(fc.constant(true));

/** The database's clock: it goes on, jumps ahead, and now and then is set back. */
const gap = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 3000 }) },
  { weight: 1, arbitrary: fc.integer({ min: -5000, max: -1 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 600_000 }) },
);
/** Over all turns of a run that is longer than a rollout may last. */
const pause = fc.array(gap, { minLength: 50, maxLength: 50 }).filter((gaps) => gaps.reduce((sum, one) => sum + one, 0) > 30_000);

interface Turn {
  readonly decision: Decision;
  readonly opened: readonly string[];
  /** As it was before the step, and where each device stood then. */
  readonly before: RolloutView;
  readonly states: ReadonlyMap<string, RolloutDeviceState>;
}

/** The clock goes on by these gaps, over and over; a rollout that stands is resumed so many times. */
function run(world: ModelWorld, gaps: readonly number[], look: (turn: Turn) => void, resumes = 20): void {
  let left = resumes;
  for (let turn = 0; turn < 4000 && !world.settled(); turn += 1) {
    world.befall(turn);
    const before = world.view();
    const states = new Map(world.rows.map(({ device, state }) => [device.id, state]));
    const decision = world.step();
    look({ decision, opened: decision.openings.map(({ device }) => device), before, states });
    if (world.state === 'paused') {
      if (left === 0) return;
      left -= 1;
      world.resume();
    }
    world.nowMs += 1 + (gaps[turn % gaps.length] ?? 0);
  }
}

const runs = { numRuns: 100 };
const noneForgiven = { bad: 0, judged: 0 };

const kinds = ['site', 'carrier', 'cell', 'model'] as const;
const capOf = ({ caps }: RolloutSettings, kind: (typeof kinds)[number]) =>
  ({ site: caps.perSite, carrier: caps.perCarrier, cell: caps.perCell, model: caps.perModel })[kind] ?? Number.POSITIVE_INFINITY;
const silentOf = (states: Iterable<RolloutDeviceState>) => [...states].filter((state) => state === 'silent').length;

describe('a rollout or its way back, whatever its devices do, however time goes, paused, resumed, grown and restored', () => {
  it('never has more devices on their way than a cap allows', () => {
    fc.assert(
      fc.property(wayForthArbitrary, pause, (world, gaps) => {
        run(world, gaps, () => {
          expect(world.view().flight.rollout).toBeLessThanOrEqual(world.settings.caps.inFlight);
          for (const kind of kinds) expect(Math.max(0, ...world.inFlight(kind).values())).toBeLessThanOrEqual(capOf(world.settings, kind));
        });
      }),
      runs,
    );
  });

  it('leads nobody back who is there while a cap leaves no room, however many return by themselves', () => {
    fc.assert(
      fc.property(wayBackArbitrary, pause, (world, gaps) => {
        run(world, gaps, ({ decision, before }) => {
          const here = decision.openings.filter(({ ahead }) => !ahead);
          if (here.length === 0) return;
          expect(inFlightOf(sumOf(world.waves()))).toBeLessThanOrEqual(world.settings.caps.inFlight);
          for (const kind of kinds) {
            for (const { fate } of here) {
              const name = fate[kind];
              const own = here.filter((other) => other.fate[kind] === name).length;
              if (name !== null) expect((before.flight[kind].get(name) ?? 0) + own).toBeLessThanOrEqual(capOf(world.settings, kind));
            }
          }
        });
      }),
      runs,
    );
  });

  it('opens nothing once too much went wrong, nor while it stands', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        run(world, gaps, ({ opened, before, decision }) => {
          // What devices said until this step; whoever cannot be had is parked only while others are opened.
          const said = decision.moves.filter(({ from }) => from !== 'pending');
          const halted = haltReason(wavesAfter(before.waves, said), world.settings, before.forgiven);
          if (halted) expect(opened).toEqual([]);
          if (before.state !== 'running' || world.state !== 'running') expect(opened).toEqual([]);
        });
      }),
      runs,
    );
  });

  it('stands as soon as a device knows more than a restored database', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        run(world, gaps, ({ before, opened }) => {
          if (before.state !== 'running' || !before.answers.some(({ restored }) => restored)) return;
          expect([world.state, opened]).toEqual(['paused', []]);
        });
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
    run(world, [1000], () => undefined, 0);
    expect(sumOf(world.waves())).toMatchObject({ silent: 50 });
    world.resume();
    world.nowMs += 30_000;
    run(world, [1000], () => undefined, 0);
    expect(world.state).toBe('paused');
    expect(sumOf(world.waves())).toMatchObject({ succeeded: 50, failed: 50 });
  });

  it('begins a wave only when enough of the one before succeeded', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        run(world, gaps, ({ before: { currentWave } }) => {
          const { successPercent, successCount = 0 } = world.settings;
          if (world.currentWave === currentWave || (successPercent === 0 && successCount === 0)) return;
          expect(world.currentWave).toBe(currentWave + 1);
          const { counts, forgiven } = world.waves()[currentWave - 1] ?? { counts: noCounts, forgiven: noneForgiven };
          const reachable = reachableOf(counts) - Math.min(forgiven.bad, badOf(counts));
          if (reachable > 0) {
            expect(counts.succeeded * 100).toBeGreaterThanOrEqual(successPercent * reachable);
            expect(counts.succeeded).toBeGreaterThanOrEqual(Math.min(successCount, reachable));
          } else if (forgiven.bad === 0) expect(counts.waiting).toBe(0);
        });
      }),
      runs,
    );
  });

  it('opens no device of a wave to come, and tries none more often than it may', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        run(world, gaps, () => {
          for (const { attempt, device } of world.rows) {
            expect(attempt).toBeLessThanOrEqual(world.settings.retries.attempts + 1);
            if (device.wave > world.currentWave) expect(attempt).toBe(0);
          }
        });
      }),
      runs,
    );
  });

  it('loses no device and counts each once', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        run(world, gaps, ({ states }) => {
          const all = sumOf(world.waves());
          expect(Object.values(all).reduce((sum, count) => sum + count, 0)).toBe(states.size);
          expect(badOf(all)).toBeLessThanOrEqual(states.size);
        });
      }),
      runs,
    );
  });

  it('opens no device that is on its way, or has come to its end', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        run(world, gaps, ({ opened, states }) => {
          expect(new Set(opened).size).toBe(opened.length);
          for (const id of opened) expect(['pending', 'waiting', 'failed', 'reverted', 'silent']).toContain(states.get(id));
        });
      }),
      runs,
    );
  });

  it('calls nobody silent and opens nobody while no edge hears devices', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        run(world, gaps, ({ opened, before, states }) => {
          if (before.hearing) return;
          expect(opened).toEqual([]);
          expect(silentOf(world.rows.map(({ state }) => state))).toBeLessThanOrEqual(silentOf(states.values()));
        });
      }),
      runs,
    );
  });

  it('stays open to whoever may still come to match, until its end', () => {
    fc.assert(
      fc.property(wayForthArbitrary, pause, (world, gaps) => {
        run(world, gaps, ({ before, decision }) => {
          if (decision.act?.act === 'finish' && before.mayGrow) expect(world.nowMs).toBeGreaterThanOrEqual(world.endAtMs);
        });
      }),
      runs,
    );
  });

  it('leaves nothing to a step right after one behind which nothing is said to be left', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        run(world, gaps, ({ before, decision }) => {
          if (mayGoOn(before, decision)) return;
          const { moves, openings, act, beginWave } = decide(world.view(), world.nowMs);
          expect({ moves, openings, act, beginWave }).toEqual({ moves: [], openings: [], act: null, beginWave: null });
        });
      }),
      runs,
    );
  });

  it('leads back at once whoever is away, for the day of its return', () => {
    fc.assert(
      fc.property(wayBackArbitrary, pause, (world, gaps) => {
        run(world, gaps, ({ before, decision, opened }) => {
          if (before.state !== 'running' || decision.act || decision.obstacle) return;
          for (const { device, state, online } of before.candidates) if (state === 'pending' && !online) expect(opened).toContain(device);
        });
      }),
      runs,
    );
  });

  it('ends: finished with nothing on its way but who is led back when it returns, or stands for a person', () => {
    fc.assert(
      fc.property(worldArbitrary, pause, (world, gaps) => {
        run(world, gaps, () => undefined, 200);
        expect(world.settled() || world.state === 'paused').toBe(true);
        if (!world.settled()) return;
        for (const { state, watched } of world.rows) {
          if (!(world.writeAhead && watched)) expect(state).not.toBe('waiting');
          expect(['pending', 'opened', 'changing']).not.toContain(state);
        }
      }),
      runs,
    );
  });
});
