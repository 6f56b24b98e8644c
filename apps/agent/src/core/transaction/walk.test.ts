import { describe, expect, it } from 'vitest';
import { advance } from './advance.ts';
import type { Moment, Standing, TransactionEffect, TransactionEvent } from './moves.ts';
import { aimOf, type Configuration, openTransaction, type Transaction, wakeAtMs } from './transaction.ts';

const budgetMs = 300_000;

function configuration(key: string): Configuration {
  const profile = { apn: key, ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: false } as const;
  return { key, rule: key, profileRef: `${key}@1`, mode: 'ecm', profile };
}

const good = configuration('good');
const wanted = configuration('wanted');
const newer = configuration('newer');
const bootstrap = configuration('bootstrap');
const names = { id: 'tx-1', modem: 'm', iccid: '8988', version: { epoch: 1, number: 2 }, digest: 'digest-1', boot: 'boot-1', budgetMs };

/** Everything the walk tells states apart by: the running transaction and what a power cut would leave, times taken relative to now. */
interface Place {
  /** In RAM. */
  readonly running: Transaction | null;
  /** On flash. */
  readonly journal: Transaction | null;
  readonly knownGood: Configuration | null;
  /** Configurations that the control plane has said yes to. */
  readonly confirmed: readonly string[];
  readonly nowMs: number;
}

/** Beyond these nothing new comes: turns alternate, and a third start of the process leaves only the way back. */
const longestWalk = { turns: 4, restarts: 3 };

function keyOfRunning(transaction: Transaction | null, nowMs: number): string {
  if (!transaction) return '-';
  const { id, to, phase, boot, restarts, reach, agrees, held, turn } = transaction;
  const due = wakeAtMs(transaction) <= nowMs ? 'due' : 'waits';
  const spent = phase === 'reverting' ? [reach] : [reach, restarts];
  return [id, to.key, phase, boot, due, agrees, held, turn, ...spent].join();
}

/** Of an entry in the journal, what a start makes something of. */
function keyOfEntry(transaction: Transaction | null, nowMs: number): string {
  if (!transaction) return '-';
  const { id, to, phase, boot, restarts, held, turn } = transaction;
  const due = wakeAtMs(transaction) <= nowMs ? 'due' : 'waits';
  return [id, to.key, phase, boot, due, held, turn, ...(phase === 'reverting' ? [] : [restarts])].join();
}

function keyOf({ running, journal, knownGood, confirmed, nowMs }: Place): string {
  return [keyOfRunning(running, nowMs), keyOfEntry(journal, nowMs), knownGood?.key, ...confirmed].join('|');
}

const standings: Standing[] = [
  { kind: 'underway' },
  { kind: 'agrees', reach: 'none' },
  { kind: 'agrees', reach: 'witnessed' },
  { kind: 'agrees', reach: 'proven' },
  { kind: 'refuted', refusal: { code: 'apn.unknown', evidence: [] } },
];

const successor = { id: 'tx-2', version: { epoch: 1, number: 3 }, digest: 'digest-tx-2', budgetMs };

/** All that can happen to an open transaction: in order, doubled, late, of another transaction, and a process or a host that starts anew. */
const eventsOf = ({ from, others }: Transaction): TransactionEvent[] => [
  ...standings.map((standing): TransactionEvent => ({ kind: 'looked', standing })),
  { kind: 'confirm', transaction: 'tx-1', digest: 'digest-1' },
  { kind: 'confirm', transaction: 'tx-2', digest: 'digest-tx-2' },
  { kind: 'confirm', transaction: 'tx-1', digest: 'of another document' },
  ...[newer, wanted, good].map((to): TransactionEvent => ({ kind: 'retargeted', successor: { ...successor, to, from, others } })),
  { kind: 'revert', refusal: { code: 'order.revert', evidence: [] } },
];

/** Does the effects as the runtime would, stopping where the power goes after `cutAfter` of them. */
function perform(place: Place, effects: readonly TransactionEffect[], cutAfter = effects.length): Place {
  let { journal, knownGood } = place;
  for (const effect of effects.slice(0, cutAfter)) {
    if (effect.kind === 'journal') journal = effect.transaction;
    if (effect.kind === 'keep') knownGood = effect.configuration;
    if (effect.kind === 'close') journal = null;
  }
  return { ...place, journal, knownGood };
}

function happen(place: Place, event: TransactionEvent, moment: Moment = { nowMs: place.nowMs, draw: 0.5 }): Place[] {
  const { running } = place;
  if (!running) return [];
  const confirms = event.kind === 'confirm' && event.transaction === running.id && event.digest === running.digest;
  const announced = running.phase === 'announcing';
  const before = confirms && announced ? { ...place, confirmed: [...new Set([...place.confirmed, running.to.key])].sort() } : place;
  const { transaction, effects } = advance(running, event, moment);
  const after = { ...perform(before, effects), running: transaction, nowMs: moment.nowMs };
  // The power may go between any two effects: what runs next is what flash says.
  const cuts = effects.map((_, done) => ({ ...perform(before, effects, done), running: null, nowMs: moment.nowMs }));
  return [after, ...cuts.flatMap((cut) => start(cut, 'boot-1')), ...cuts.flatMap((cut) => start(cut, 'boot-2'))];
}

function start(place: Place, boot: string): Place[] {
  if (!place.journal) return [{ ...place, running: null }];
  const { transaction, effects } = advance(place.journal, { kind: 'started', boot }, { nowMs: place.nowMs, draw: 0.5 });
  return [{ ...perform(place, effects), running: transaction }];
}

function following(place: Place): Place[] {
  const { running } = place;
  if (!running) return [];
  const later = Math.max(place.nowMs, wakeAtMs(running));
  const events = eventsOf(running);
  return [
    ...events.flatMap((event) => happen(place, event)),
    ...events.flatMap((event) => happen({ ...place, nowMs: later }, event)),
    ...happen(place, { kind: 'time' }, { nowMs: later, draw: 0.5 }),
    ...happen(place, { kind: 'sim-changed', slot: null }),
    ...start(place, running.boot),
    ...start(place, running.boot === 'boot-1' ? 'boot-2' : 'boot-1'),
  ];
}

const isWithinWalk = ({ running }: Place) => !running || (running.turn <= longestWalk.turns && running.restarts <= longestWalk.restarts);

function walk(beginning: Place): Place[] {
  const seen = new Map<string, Place>([[keyOf(beginning), beginning]]);
  const queue = [beginning];
  for (let place = queue.pop(); place; place = queue.pop()) {
    for (const next of following(place)) {
      const key = keyOf(next);
      if (seen.has(key) || !isWithinWalk(next)) continue;
      seen.set(key, next);
      queue.push(next);
    }
  }
  return [...seen.values()];
}

function beginning(
  from: Configuration | null,
  others: readonly Configuration[] = [],
  fromStanding: Transaction['fromStanding'] = 'confirmed',
): Place {
  const running = openTransaction({ ...names, from, fromStanding, to: wanted, others }, 0);
  return { running, journal: running, knownGood: from, confirmed: [], nowMs: 0 };
}

const beginnings = [
  { name: 'a known good and nothing else', place: beginning(good), states: 15_873 },
  { name: 'a known good and the bootstrap profile', place: beginning(good, [bootstrap]), states: 26_444 },
  { name: 'a known good that was only found', place: beginning(good, [], 'assumed'), states: 15_873 },
  { name: 'no known good', place: beginning(null, [bootstrap]), states: 39_552 },
];

/** A world in which all is well again: these configurations reach the control plane, which answers. */
function settle(place: Place, working: readonly string[]): Place {
  let now = place;
  for (let step = 0; step < 40 && now.running; step += 1) {
    const { running } = now;
    const works = working.includes(aimOf(running).key);
    const standing: Standing = works ? { kind: 'agrees', reach: 'proven' } : { kind: 'underway' };
    [now = now] = happen(now, { kind: 'looked', standing });
    const { running: then } = now;
    if (works && then?.phase === 'announcing') [now = now] = happen(now, { kind: 'confirm', transaction: then.id, digest: then.digest });
    if (now.running) [now = now] = happen(now, { kind: 'time' }, { nowMs: Math.max(now.nowMs, wakeAtMs(now.running)), draw: 0.5 });
  }
  return now;
}

describe.each(beginnings)('every state of a change with $name behind it', ({ place, states }) => {
  const places = walk(place);
  // What comes of it without another cut follows from what runs alone.
  const distinct = [...new Map(places.map((seen) => [keyOfRunning(seen.running, seen.nowMs), seen])).values()];

  it('keeps the journal open for as long as the change is', () => {
    for (const { running, journal } of places) expect(journal === null).toBe(running === null);
  });

  it('makes nothing the known good but what was confirmed, the bootstrap profile, or what was known good before', () => {
    const allowed = (seen: Place) => [place.knownGood?.key, 'bootstrap', ...seen.confirmed];
    for (const seen of places) expect(allowed(seen)).toContain(seen.knownGood?.key);
  });

  it('never loses the known good', () => {
    if (place.knownGood) for (const { knownGood } of places) expect(knownGood).not.toBeNull();
  });

  it('always has a time at which it goes on by itself, and then moves', () => {
    for (const seen of places.filter(({ running }) => running)) {
      const { running } = seen;
      if (!running) continue;
      const wakeMs = wakeAtMs(running);
      expect(Number.isFinite(wakeMs)).toBe(true);
      const [after] = happen(seen, { kind: 'time' }, { nowMs: Math.max(wakeMs, seen.nowMs), draw: 0.5 });
      expect(after?.running === null || (after?.running && wakeAtMs(after.running) > seen.nowMs)).toBe(true);
    }
  });

  it('comes to its end once everything works again', () => {
    for (const seen of distinct) expect(settle(seen, ['good', 'wanted', 'newer', 'bootstrap']).running).toBeNull();
  });

  it('finds the one configuration that works, whichever of those it has that is', () => {
    for (const seen of distinct) {
      const { running } = seen;
      if (!running) continue;
      const ways = [running.from, running.to, ...running.others].flatMap((way) => way?.key ?? []);
      for (const only of ways) expect(settle(seen, [only]).running, `${only} from ${keyOf(seen)}`).toBeNull();
    }
  });

  it('is one of as many as there were when the machine was reviewed last', () => {
    expect(places).toHaveLength(states);
  });
});
