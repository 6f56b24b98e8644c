import type { SimSlot } from '@towline/modem';
import { describe, expect, it } from 'vitest';
import { advance } from './advance.ts';
import type { Moment, Standing, TransactionEffect, TransactionEvent } from './moves.ts';
import { aimOf, type Configuration, goesToOtherSlot, openTransaction, slotKey, type Transaction, wakeAtMs } from './transaction.ts';

const budgetMs = 300_000;

function configuration(key: string): Configuration {
  const profile = { apn: key, ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: false } as const;
  return { key, rule: key, profileRef: `${key}@1`, mode: 'ecm', profile };
}

const good = configuration('good');
const wanted = configuration('wanted');
const newer = configuration('newer');
const bootstrap = configuration('bootstrap');
const inSlot = (slot: SimSlot, { key, ...of }: Configuration): Configuration => ({ ...of, key: `${key} in ${slot}`, slot });
const unreadIn = (slot: SimSlot): Configuration => ({ ...wanted, key: slotKey(slot), slot, isSimUnread: true });
const goodInFirst = inSlot(1, good);
const ofSecond = inSlot(2, wanted);
const goodInSecond = inSlot(2, good);
const secondIccid = '8949';
const names = { id: 'tx-1', modem: 'm', iccid: '8988', version: { epoch: 1, number: 2 }, digest: 'digest-1', boot: 'boot-1', budgetMs };

/** Everything the walk tells states apart by: the running transaction and what a power cut would leave, times taken relative to now. */
interface Place {
  /** In RAM. */
  readonly running: Transaction | null;
  /** On flash. */
  readonly journal: Transaction | null;
  readonly knownGood: Configuration | null;
  /** Of the SIM in the other slot. */
  readonly otherGood: Configuration | null;
  /** Configurations that the control plane has said yes to. */
  readonly confirmed: readonly string[];
  readonly nowMs: number;
}

/** Beyond these nothing new comes: turns alternate, and a third start of the process leaves only the way back. */
const longestWalk = { turns: 4, restarts: 3 };

function keyOfRunning(transaction: Transaction | null, nowMs: number): string {
  if (!transaction) return '-';
  const { id, to, newIccid, others, phase, boot, restarts, reach, agrees, held, turn } = transaction;
  const due = wakeAtMs(transaction) <= nowMs ? 'due' : 'waits';
  const spent = phase === 'reverting' ? [reach] : [reach, restarts];
  return [id, to.key, newIccid, others.length, phase, boot, due, agrees, held, turn, ...spent].join();
}

/** Of an entry in the journal, what a start makes something of. */
function keyOfEntry(transaction: Transaction | null, nowMs: number): string {
  if (!transaction) return '-';
  const { id, to, newIccid, others, phase, boot, restarts, held, turn } = transaction;
  const due = wakeAtMs(transaction) <= nowMs ? 'due' : 'waits';
  return [id, to.key, newIccid, others.length, phase, boot, due, held, turn, ...(phase === 'reverting' ? [] : [restarts])].join();
}

function keyOf({ running, journal, knownGood, otherGood, confirmed, nowMs }: Place): string {
  return [keyOfRunning(running, nowMs), keyOfEntry(journal, nowMs), knownGood?.key, otherGood?.key, ...confirmed].join('|');
}

const standings: Standing[] = [
  { kind: 'underway' },
  { kind: 'agrees', reach: 'none' },
  { kind: 'agrees', reach: 'witnessed' },
  { kind: 'agrees', reach: 'proven' },
  { kind: 'refuted', refusal: { code: 'apn.unknown', evidence: [] } },
];

const successor = { id: 'tx-2', version: { epoch: 1, number: 3 }, digest: 'digest-tx-2', budgetMs };

const retargeted = (to: Configuration, newIccid: string | null, { from, others }: Transaction): TransactionEvent => ({
  kind: 'retargeted',
  successor: { ...successor, to, newIccid, from, others },
});

/** What newer targets want, and what comes of the SIM in the other slot. What is not read yet never agrees with anything. */
function eventsOfSlots(transaction: Transaction): TransactionEvent[] {
  const newerTargets = [
    retargeted(unreadIn(2), null, transaction),
    retargeted(unreadIn(1), secondIccid, transaction),
    retargeted(inSlot(2, newer), secondIccid, transaction),
    retargeted(inSlot(1, newer), null, transaction),
  ];
  const strangers = ([1, 2, null] as const).map((slot): TransactionEvent => ({ kind: 'sim-changed', slot }));
  const isRead = goesToOtherSlot(transaction) && transaction.to.isSimUnread && transaction.phase !== 'confirmed';
  const reads = [null, goodInSecond].map((known): TransactionEvent => ({ kind: 'sim-read', iccid: secondIccid, to: ofSecond, known }));
  return [...newerTargets, ...strangers, ...(isRead ? reads : [])];
}

const eventsOfOneSlot = (transaction: Transaction): TransactionEvent[] => [
  ...[newer, wanted, good].map((to) => retargeted(to, null, transaction)),
  { kind: 'sim-changed', slot: null },
];

/** All that can happen to an open transaction: in order, doubled, late, of another transaction, and a process or a host that starts anew. */
const eventsOf = (transaction: Transaction): TransactionEvent[] => [
  ...standings.flatMap((standing): TransactionEvent[] =>
    standing.kind === 'agrees' && aimOf(transaction).isSimUnread ? [] : [{ kind: 'looked', standing }],
  ),
  { kind: 'confirm', transaction: 'tx-1', digest: 'digest-1' },
  { kind: 'confirm', transaction: 'tx-2', digest: 'digest-tx-2' },
  { kind: 'confirm', transaction: 'tx-1', digest: 'of another document' },
  ...(transaction.from?.slot ? eventsOfSlots(transaction) : eventsOfOneSlot(transaction)),
  { kind: 'revert', refusal: { code: 'order.revert', evidence: [] } },
];

/** Does the effects as the runtime would, stopping where the power goes after `cutAfter` of them. */
function perform(place: Place, effects: readonly TransactionEffect[], cutAfter = effects.length): Place {
  let { journal, knownGood, otherGood } = place;
  for (const effect of effects.slice(0, cutAfter)) {
    if (effect.kind === 'journal') journal = effect.transaction;
    if (effect.kind === 'keep' && effect.iccid === names.iccid) knownGood = effect.configuration;
    if (effect.kind === 'keep' && effect.iccid === secondIccid) otherGood = effect.configuration;
    if (effect.kind === 'close') journal = null;
  }
  return { ...place, journal, knownGood, otherGood };
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

function beginning(from: Configuration | null, over: Partial<Pick<Transaction, 'to' | 'others' | 'fromStanding'>> = {}): Place {
  const running = openTransaction({ ...names, from, fromStanding: 'confirmed', to: wanted, others: [], ...over }, 0);
  return { running, journal: running, knownGood: from, otherGood: null, confirmed: [], nowMs: 0 };
}

const beginnings = [
  { name: 'a known good and nothing else', place: beginning(good), states: 17_970 },
  { name: 'a known good and the bootstrap profile', place: beginning(good, { others: [bootstrap] }), states: 29_080 },
  { name: 'a known good that was only found', place: beginning(good, { fromStanding: 'assumed' }), states: 17_970 },
  { name: 'no known good', place: beginning(null, { others: [bootstrap] }), states: 47_517 },
  { name: 'a known good of the SIM in the other slot', place: beginning(goodInFirst, { to: unreadIn(2) }), states: 68_554 },
];

/** A world in which all is well again: these configurations reach the control plane, which answers. */
function settle(place: Place, working: readonly string[]): Place {
  let now = place;
  for (let step = 0; step < 40 && now.running; step += 1) {
    if (now.running?.to.isSimUnread && goesToOtherSlot(now.running) && aimOf(now.running).isSimUnread) {
      [now = now] = happen(now, { kind: 'sim-read', iccid: secondIccid, to: ofSecond, known: null });
    }
    const { running } = now;
    if (!running) return now;
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
    expect(places.filter((seen) => !allowed(seen).includes(seen.knownGood?.key))).toEqual([]);
    const isAllowed = ({ otherGood, confirmed }: Place) => !otherGood || [goodInSecond.key, ...confirmed].includes(otherGood.key);
    expect(places.filter((seen) => !isAllowed(seen))).toEqual([]);
  });

  it('keeps of a SIM what it was dialled with in its own slot, once that was read', () => {
    const slotsKept = (of: 'knownGood' | 'otherGood') => new Set(places.map((seen) => seen[of]?.slot ?? null));
    expect([...slotsKept('knownGood')]).toEqual([place.knownGood?.slot ?? null]);
    expect([null, 2]).toEqual(expect.arrayContaining([...slotsKept('otherGood')]));
    expect(places.filter(({ knownGood, otherGood }) => knownGood?.isSimUnread || otherGood?.isSimUnread)).toEqual([]);
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
    for (const seen of distinct)
      expect(
        settle(
          seen,
          [good, wanted, newer, bootstrap, goodInFirst, ofSecond, goodInSecond, inSlot(2, newer), inSlot(1, newer)].map(({ key }) => key),
        ).running,
      ).toBeNull();
  });

  it('finds the one configuration that works, whichever of those it has that is', () => {
    for (const seen of distinct) {
      const { running } = seen;
      if (!running) continue;
      const ways = [running.from, running.to, ...running.others].flatMap((way) => (way?.isSimUnread ? ofSecond.key : (way?.key ?? [])));
      for (const only of ways) expect(settle(seen, [only]).running, `${only} from ${keyOf(seen)}`).toBeNull();
    }
  });

  it('is one of as many as there were when the machine was reviewed last', () => {
    expect(places).toHaveLength(states);
  });
});
