import type { RolloutDeviceState, RolloutSettings, RolloutState } from '@towline/protocol/http';
import { forgivenNow, noCounts, stillForgiven, sumOf } from '../decide/counts.ts';
import { decide } from '../decide/decide.ts';
import type { Decision, Move, Opening } from '../decide/decision.ts';
import {
  type Answer,
  type Candidate,
  type Credit,
  type Forgiven,
  type RolloutView,
  type SharedFate,
  type WaveView,
} from '../decide/view.ts';
import { isBad, isInFlight, stateAfter } from '../rollout-states.ts';

/** How a device behaves at each try; the last one stays. `deaf` never acknowledges, `mute` never answers. */
export type Behaviour = 'succeeds' | 'fails' | 'reverts' | 'mute' | 'deaf';

export interface ModelDevice {
  readonly id: string;
  readonly wave: number;
  readonly fate: SharedFate;
  readonly tries: readonly Behaviour[];
  /** Of 10 seconds, it is online in those whose digit is listed; of all of them when empty. */
  readonly offlineSeconds: readonly number[];
  /** Milliseconds until it acknowledges, and then until it answers. */
  readonly ackMs: number;
  readonly answerMs: number;
}

/** What befalls a rollout beside what its devices do. `restore` leads back to the last backup, or to its beginning. */
export type Happening = 'pause' | 'resume' | 'grow' | 'backup' | 'restore' | 'edge-away' | 'edge-back';

interface Row {
  readonly device: ModelDevice;
  state: RolloutDeviceState;
  attempt: number;
  /** What it was given came to it; null: not yet. */
  reachedAtMs: number | null;
  /** Version of what it was given last; 0 before that. */
  number: number;
  heldAtMs: number | null;
  dueAtMs: number | null;
  nextTryAtMs: number | null;
  watched: boolean;
  withheld: boolean;
  forgiven: boolean;
}

const freshRow = (device: ModelDevice): Row => ({
  device,
  state: 'pending',
  attempt: 0,
  reachedAtMs: null,
  number: 0,
  heldAtMs: null,
  dueAtMs: null,
  nextTryAtMs: null,
  watched: false,
  withheld: false,
  forgiven: false,
});

export interface ModelOptions {
  /** A way back: who is away is given it too. */
  readonly writeAhead?: boolean;
  /** Who comes to match later, in this order. */
  readonly later?: readonly ModelDevice[];
  /** One at each turn, from the first; null: nothing. */
  readonly happenings?: readonly (Happening | null)[];
}

/** All that a backup keeps. */
type Kept = Pick<ModelWorld, 'rows' | 'later' | 'state' | 'currentWave' | 'forgiven' | 'waveForgiven' | 'credit'>;

/** A rollout and its devices in memory, as the database and the fleet would be: `decide` is run on it, and what it decides is done. */
export class ModelWorld {
  rows: Row[];
  later: readonly ModelDevice[];
  readonly settings: RolloutSettings;
  readonly writeAhead: boolean;
  readonly #happenings: readonly (Happening | null)[];
  /** Version that each device was given last, whatever the database knows of it. */
  readonly #held = new Map<string, number>();
  #backup: Kept;
  state: RolloutState = 'running';
  currentWave = 1;
  nowMs = 1_000_000;
  endAtMs: number;
  forgiven: Forgiven = { bad: 0, judged: 0 };
  waveForgiven: Forgiven[] = [];
  hearing = true;
  credit: Credit | null = null;

  constructor(
    settings: RolloutSettings,
    devices: readonly ModelDevice[],
    { writeAhead = false, later = [], happenings = [] }: ModelOptions = {},
  ) {
    this.settings = settings;
    this.writeAhead = writeAhead;
    this.later = later;
    this.#happenings = happenings;
    this.endAtMs = this.nowMs + settings.endAfterS * 1000;
    this.rows = devices.map(freshRow);
    this.#backup = this.#kept();
  }

  /** What befalls the rollout before a turn. */
  befall(turn: number): void {
    const happening = this.#happenings[turn];
    if (happening === 'pause') this.state = stateAfter(this.state, 'pause') ?? this.state;
    if (happening === 'resume' && this.state === 'paused') this.resume();
    if (happening === 'grow') this.#grow();
    if (happening === 'backup') this.#backup = this.#kept();
    if (happening === 'restore') this.#restore();
    if (happening === 'edge-away' || happening === 'edge-back') this.hearing = happening === 'edge-back';
    for (const row of this.rows) if (row.watched && this.#online(row)) row.reachedAtMs ??= this.nowMs;
  }

  waves(): WaveView[] {
    return Array.from({ length: Math.max(0, ...this.rows.map(({ device }) => device.wave)) }, (_, index) => {
      const counts = { ...noCounts };
      const own = this.rows.filter(({ device }) => device.wave === index + 1);
      for (const { state } of own) counts[state] += 1;
      const retrying = own.filter(({ nextTryAtMs }) => nextTryAtMs !== null).length;
      const manual = this.settings.manualWaves.includes(index + 1);
      return { number: index + 1, manual, counts, retrying, forgiven: this.waveForgiven[index] ?? { bad: 0, judged: 0 } };
    });
  }

  inFlight(kind: keyof SharedFate): Map<string, number> {
    const taken = new Map<string, number>();
    for (const { state, device } of this.rows) {
      const name = device.fate[kind];
      if (isInFlight(state) && name !== null) taken.set(name, (taken.get(name) ?? 0) + 1);
    }
    return taken;
  }

  view(): RolloutView {
    const { settings, state, currentWave, endAtMs, forgiven, hearing } = this;
    const rollout = this.rows.filter((row) => isInFlight(row.state)).length;
    // As the tick does: nobody is looked for while there is no room.
    const mayOpen = rollout < settings.caps.inFlight ? this.rows.filter((row) => this.#mayOpen(row)) : [];
    return {
      settings,
      state,
      currentWave,
      endAtMs,
      forgiven,
      hearing,
      writeAhead: this.writeAhead,
      mayGrow: this.later.length > 0,
      startAtMs: null,
      credit: this.credit,
      waves: this.waves(),
      flight: {
        rollout,
        site: this.inFlight('site'),
        carrier: this.inFlight('carrier'),
        cell: this.inFlight('cell'),
        model: this.inFlight('model'),
      },
      slowness: { deliveryMs: null, confirmMs: null },
      answers: this.rows.filter(({ watched }) => watched).map((row) => this.#answer(row)),
      candidates: mayOpen.map((row) => this.#candidate(row)),
      stepLimit: 50,
    };
  }

  /** One tick: decides and does. */
  step(): Decision {
    const decision = decide(this.view(), this.nowMs);
    for (const move of decision.moves) this.#move(move);
    this.#forgiveLess();
    for (const opening of decision.openings) this.#open(opening);
    this.credit = decision.credit;
    if (decision.act) this.state = stateAfter(this.state, decision.act.act) ?? this.state;
    if (decision.beginWave !== null) this.currentWave = decision.beginWave;
    if (this.state === 'finished' || this.state === 'aborted') this.#clear();
    return decision;
  }

  resume(): void {
    this.forgiven = { bad: 0, judged: 0 };
    this.waveForgiven = this.waves().map(({ counts }) => {
      const now = forgivenNow(counts);
      this.forgiven = { bad: this.forgiven.bad + now.bad, judged: this.forgiven.judged + now.judged };
      return now;
    });
    for (const row of this.rows) row.forgiven = isBad(row.state);
    this.state = 'running';
  }

  /** Nothing can happen any more. */
  settled(): boolean {
    return (this.state === 'finished' || this.state === 'aborted') && !this.rows.some((row) => isInFlight(row.state));
  }

  #online({ device }: Row): boolean {
    return !device.offlineSeconds.includes(Math.floor(this.nowMs / 1000) % 10);
  }

  #mayOpen(row: Row): boolean {
    if (row.device.wave > this.currentWave) return false;
    if (row.state === 'waiting') return !row.watched && this.#online(row);
    return row.state === 'pending' || (row.nextTryAtMs !== null && row.nextTryAtMs <= this.nowMs && isBad(row.state));
  }

  #candidate(row: Row): Candidate {
    const { device, state, attempt } = row;
    const open = { onHold: false, preceded: false, windowOpen: true, forgiven: row.forgiven };
    return { device: device.id, wave: device.wave, state, attempt, fate: device.fate, online: this.#online(row), ...open };
  }

  #answer(row: Row): Answer {
    const { device, state, attempt, dueAtMs } = row;
    const behaviour = device.tries[Math.min(row.attempt, device.tries.length) - 1] ?? 'succeeds';
    const ackAtMs = (row.reachedAtMs ?? Number.POSITIVE_INFINITY) + device.ackMs;
    const held = behaviour !== 'deaf' && ackAtMs <= this.nowMs;
    const answered = held && behaviour !== 'mute' && ackAtMs + device.answerMs <= this.nowMs;
    const outcomes = { succeeds: 'succeeded', fails: 'failed', reverts: 'reverted', mute: null, deaf: null } as const;
    return {
      device: device.id,
      wave: device.wave,
      state,
      attempt,
      dueAtMs,
      pausedAtMs: null,
      superseded: false,
      restored: (this.#held.get(device.id) ?? 0) > row.number,
      remembered: false,
      fault: null,
      heldAtMs: held ? ackAtMs : null,
      outcome: answered ? outcomes[behaviour] : null,
    };
  }

  #row(id: string): Row {
    const row = this.rows.find(({ device }) => device.id === id);
    if (!row) throw new RangeError(`no device ${id}`);
    return row;
  }

  #move(move: Move): void {
    const row = this.#row(move.device);
    if (row.state !== move.from) throw new RangeError(`${move.device} is ${row.state}, not ${move.from}`);
    row.state = move.to;
    row.watched = move.watched;
    row.withheld = move.withhold;
    row.heldAtMs = move.heldAtMs;
    row.dueAtMs = move.dueAtMs;
    row.nextTryAtMs = move.nextTryAtMs;
  }

  #open(opening: Opening): void {
    const row = this.#row(opening.device);
    if (row.state !== opening.from) throw new RangeError(`${opening.device} is ${row.state}, not ${opening.from}`);
    if (opening.forgiven) this.#judgeAnew(row);
    const { ahead, attempt } = opening;
    const dueAtMs = ahead ? null : this.nowMs + this.settings.timeouts.reachS * 1000;
    row.number = (this.#held.get(opening.device) ?? 0) + 1;
    this.#held.set(opening.device, row.number);
    Object.assign(row, { state: ahead ? 'waiting' : 'opened', attempt, reachedAtMs: ahead ? null : this.nowMs, heldAtMs: null, dueAtMs });
    Object.assign(row, { nextTryAtMs: null, watched: true, withheld: false });
  }

  #kept(): Kept {
    const { rows, later, state, currentWave, forgiven, waveForgiven, credit } = this;
    return structuredClone({ rows, later, state, currentWave, forgiven, waveForgiven, credit });
  }

  /** Every second device that was on its way then has been given something else in the time that is lost. */
  #restore(): void {
    Object.assign(this, structuredClone(this.#backup));
    const onTheirWay = this.rows.filter(({ state }) => isInFlight(state));
    for (const { device, number } of onTheirWay.filter((_, index) => index % 2 === 0)) {
      this.#held.set(device.id, Math.max(number, this.#held.get(device.id) ?? 0) + 1);
    }
  }

  #grow(): void {
    const [next, ...later] = this.later;
    if (!next || this.state !== 'running') return;
    this.later = later;
    this.rows.push(freshRow(next));
  }

  #forgiveLess(): void {
    const waves = this.waves();
    this.forgiven = stillForgiven(this.forgiven, sumOf(waves));
    this.waveForgiven = waves.map(({ forgiven, counts }) => stillForgiven(forgiven, counts));
  }

  #judgeAnew(row: Row): void {
    const fewer = ({ bad, judged }: Forgiven): Forgiven => ({ bad: Math.max(0, bad - 1), judged: Math.max(0, judged - 1) });
    row.forgiven = false;
    this.forgiven = fewer(this.forgiven);
    this.waveForgiven = this.waveForgiven.map((forgiven, index) => (index + 1 === row.device.wave ? fewer(forgiven) : forgiven));
  }

  #clear(): void {
    for (const row of this.rows) {
      if ((row.state === 'pending' || row.state === 'waiting') && !row.watched) row.state = 'cancelled';
      row.nextTryAtMs = null;
    }
  }
}
