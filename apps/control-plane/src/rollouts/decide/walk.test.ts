import { type RolloutCounts, type RolloutDeviceState, type RolloutState, rolloutSettingsSchema } from '@towline/protocol/http';
import { expect, it } from 'vitest';
import { isBad, isInFlight, stateAfter } from '../rollout-states.ts';
import { noCounts } from './counts.ts';
import { decide } from './decide.ts';
import type { Answer, Candidate, RolloutView, WaveView } from './view.ts';

/** One device of the walk: what the database holds of it, and what it has said of the target it was given last. */
interface Unit {
  readonly state: RolloutDeviceState;
  readonly attempt: number;
  readonly watched: boolean;
  readonly owes: boolean;
  readonly again: boolean;
  readonly said: 'nothing' | 'held' | 'succeeded' | 'failed' | 'reverted';
  readonly online: boolean;
}

interface World {
  readonly state: RolloutState;
  readonly currentWave: number;
  readonly units: readonly Unit[];
}

const settings = rolloutSettingsSchema.parse({
  waves: { kind: 'counts', sizes: [1, 2] },
  successPercent: 100,
  breaker: { percent: 60, minimumSample: 2 },
  caps: { inFlight: 1 },
  retries: { attempts: 1 },
});
const waveOf = (index: number) => (index === 0 ? 1 : 2);
const fate = { site: null, carrier: null, cell: null, model: null };
const fresh: Unit = { state: 'pending', attempt: 0, watched: false, owes: false, again: false, said: 'nothing', online: true };
const first: World = { state: 'running', currentWave: 1, units: [fresh, fresh, fresh] };

/** Time is only before or after what is due. */
const nowMs = 1000;
const due = (isDue: boolean) => (isDue ? nowMs : nowMs + 1);

function waveView(units: readonly Unit[], number: number): WaveView {
  const own = units.filter((_, index) => waveOf(index) === number);
  const counts: Record<RolloutDeviceState, number> & RolloutCounts = { ...noCounts };
  for (const { state } of own) counts[state] += 1;
  const retrying = own.filter(({ again }) => again).length;
  return { number, manual: false, counts, retrying, forgiven: { bad: 0, judged: 0 } };
}

function answerOf(unit: Unit, index: number, late: boolean): Answer {
  const { state, attempt, said, owes } = unit;
  const outcome = said === 'nothing' || said === 'held' ? null : said;
  const heldAtMs = said === 'nothing' ? null : 1;
  const still = { pausedAtMs: null, superseded: false, restored: false, remembered: false, fault: null };
  return { device: String(index), wave: waveOf(index), state, attempt, heldAtMs, dueAtMs: owes ? due(late) : null, outcome, ...still };
}

function view(world: World, late: boolean): RolloutView {
  const units = [...world.units.entries()];
  const mayOpen = units.filter(
    ([index, { state, again, online }]) =>
      waveOf(index) <= world.currentWave && (state === 'pending' || (state === 'waiting' && online) || (again && late && isBad(state))),
  );
  const open = { onHold: false, preceded: false, windowOpen: true, forgiven: false };
  return {
    state: world.state,
    settings,
    writeAhead: false,
    mayGrow: false,
    currentWave: world.currentWave,
    startAtMs: null,
    endAtMs: null,
    forgiven: { bad: 0, judged: 0 },
    credit: null,
    waves: [waveView(world.units, 1), waveView(world.units, 2)],
    flight: { rollout: 0, site: new Map(), carrier: new Map(), cell: new Map(), model: new Map() },
    slowness: { deliveryMs: null, confirmMs: null },
    hearing: true,
    answers: units.filter(([, { watched }]) => watched).map(([index, unit]) => answerOf(unit, index, late)),
    candidates: mayOpen.map(
      ([index, { state, attempt, online }]): Candidate => ({
        device: String(index),
        wave: waveOf(index),
        state,
        attempt,
        online,
        fate,
        ...open,
      }),
    ),
    stepLimit: 10,
  };
}

/** A step, whole: one that was killed leaves the world as it was, which is the world it began in. */
function step(world: World, late: boolean): World {
  const { moves, openings, act, beginWave } = decide(view(world, late), nowMs);
  const units = [...world.units];
  for (const { device, from, to, watched, dueAtMs, nextTryAtMs } of moves) {
    const unit = units[Number(device)] ?? fresh;
    expect(unit.state).toBe(from);
    units[Number(device)] = { ...unit, state: to, watched, owes: dueAtMs !== null, again: nextTryAtMs !== null };
  }
  for (const { device, from, attempt } of openings) {
    const unit = units[Number(device)] ?? fresh;
    expect(unit.state).toBe(from);
    units[Number(device)] = { ...unit, state: 'opened', attempt, watched: true, owes: true, again: false, said: 'nothing' };
  }
  const state = act ? (stateAfter(world.state, act.act) ?? world.state) : world.state;
  const ended = state === 'finished' ? units.map((unit) => ({ ...unit, again: false })) : units;
  return { state, currentWave: beginWave ?? world.currentWave, units: ended };
}

/** Everything that can happen next: a step now or when all is due, a device that says something, goes or comes. */
function next(world: World): World[] {
  const change = (index: number, unit: Partial<Unit>): World => ({
    ...world,
    units: world.units.map((old, at) => (at === index ? { ...old, ...unit } : old)),
  });
  const words = [...world.units.entries()].flatMap(([index, { watched, said, online }]) => {
    const says = watched && online && said === 'nothing' ? (['held'] as const) : [];
    const ends = watched && online && said === 'held' ? (['succeeded', 'failed', 'reverted'] as const) : [];
    return [...[...says, ...ends].map((word) => change(index, { said: word })), change(index, { online: !online })];
  });
  return [step(world, false), step(world, true), ...words];
}

it('holds in every state that three devices, two waves, one retry and any order of events can come to', () => {
  const seen = new Map([[JSON.stringify(first), first]]);
  const queue = [first];
  let quiet = 0;
  for (let world = queue.pop(); world; world = queue.pop()) {
    const { units, currentWave, state } = world;
    expect(units.filter((unit) => isInFlight(unit.state)).length).toBeLessThanOrEqual(1);
    for (const [index, unit] of units.entries()) {
      expect(unit.attempt).toBeLessThanOrEqual(2);
      if (waveOf(index) > currentWave) expect(unit).toMatchObject({ state: 'pending', attempt: 0 });
      // Nobody is forgotten: who is on its way owes a word, or has said one that is still to be heard.
      if (isInFlight(unit.state)) expect(unit.watched && unit.owes).toBe(true);
    }
    const followers = next(world);
    const isStill = state === 'running' && followers.slice(0, 2).every((one) => JSON.stringify(one) === JSON.stringify(world));
    // A running rollout that cannot go on by itself waits for a device that is away, and for nothing else.
    if (isStill) expect(units).toSatisfy(() => units.some((unit) => (unit.state === 'waiting' || unit.again) && !unit.online));
    quiet += isStill ? 1 : 0;
    for (const follower of followers) {
      const key = JSON.stringify(follower);
      if (!seen.has(key)) {
        seen.set(key, follower);
        queue.push(follower);
      }
    }
  }
  const states = new Set([...seen.values()].map(({ state }) => state));
  expect([...states].sort()).toEqual(['finished', 'paused', 'running']);
  expect({ states: seen.size, quiet }).toMatchInlineSnapshot(`
    {
      "quiet": 468,
      "states": 15928,
    }
  `);
}, 120_000);
