import type { SimSlot } from '@towline/modem';
import type { Advance, Moment, Standing, Successor, TransactionEvent } from './moves.ts';
import { atDeadline, atTurnEnd, commit, endWayBack, journalled, startWayBack, turnMs, unchanged } from './moves.ts';
import {
  aimOf,
  type Configuration,
  changeRefusal,
  goesToOtherSlot,
  openTransaction,
  type Reach,
  slotKey,
  type Transaction,
} from './transaction.ts';

/** Process starts with an open transaction after which only the way back is left. */
const maxRestarts = 3;

const rank: Readonly<Record<Reach, number>> = { none: 0, witnessed: 1, proven: 2 };
const bestOf = (left: Reach, right: Reach): Reach => (rank[left] >= rank[right] ? left : right);

/** A bearer that was proven and drops gets a fresh budget to come back; what was never proven has no claim to one. */
function dropped(transaction: Transaction, moment: Moment): Advance {
  const down: Transaction = { ...transaction, agrees: false };
  const proven = transaction.phase === 'announcing' && transaction.reach === 'proven';
  if (!proven) return atDeadline(down, moment);
  return unchanged({ ...down, reach: 'none', deadlineMs: moment.nowMs + transaction.budgetMs });
}

function forward(transaction: Transaction, standing: Standing, moment: Moment): Advance {
  if (standing.kind === 'refuted') return startWayBack(transaction, standing.refusal, moment);
  if (standing.kind === 'underway') return dropped(transaction, moment);
  // Not worth a write: a start that finds it applying looks and asks again, as it would have to of one that was announced.
  return atDeadline({ ...transaction, phase: 'announcing', agrees: true, reach: bestOf(transaction.reach, standing.reach) }, moment);
}

/** Nothing else reached the network and the new configuration does after all: it is announced once more. */
function announceAgain(transaction: Transaction, reach: Reach, { nowMs }: Moment): Advance {
  const deadlineMs = nowMs + turnMs(transaction, transaction.turn);
  return journalled({ ...transaction, phase: 'announcing', agrees: true, reach, held: false, deadlineMs });
}

function backward(transaction: Transaction, standing: Standing, moment: Moment): Advance {
  if (standing.kind !== 'agrees' || standing.reach === 'none') {
    return atTurnEnd({ ...transaction, agrees: false, reach: 'none' }, moment);
  }
  const { from, to } = transaction;
  const reach = bestOf(transaction.reach, standing.reach);
  if (aimOf(transaction).key === to.key && from?.key !== to.key) return announceAgain(transaction, reach, moment);
  const seen: Transaction = { ...transaction, agrees: true, reach };
  return reach === 'proven' ? endWayBack(seen, 'reverted') : atTurnEnd(seen, moment);
}

function resume(transaction: Transaction, boot: string, moment: Moment): Advance {
  if (transaction.phase === 'confirmed') return commit(transaction);
  const restarts = transaction.restarts + 1;
  const sameBoot = boot === transaction.boot;
  const { budgetMs, turn } = transaction;
  // What was declared has come, or will not: the next restart of the host is told anew.
  const fresh: Transaction = { ...transaction, restarts, rebootDeclared: false, reach: 'none', agrees: false };
  const rebased: Transaction = sameBoot
    ? fresh
    : { ...fresh, boot, deadlineMs: moment.nowMs + budgetMs, turnEndsMs: moment.nowMs + turnMs(transaction, turn) };
  if (transaction.phase === 'reverting') return journalled(rebased);
  if (!sameBoot && !transaction.rebootDeclared) return startWayBack(rebased, changeRefusal('transaction.rebooted'), moment);
  if (restarts >= maxRestarts) return startWayBack(rebased, changeRefusal('transaction.agent-crashed'), moment);
  return journalled({ ...rebased, phase: 'applying' });
}

const withoutSlot = (ways: readonly Configuration[], slot: SimSlot | undefined) =>
  ways.filter((way) => way.slot === undefined || way.slot !== slot);

/**
 * A newer target. What is not confirmed yet gives way to it, with the same known good behind it; only a way back whose known good
 * has not had its turn is left alone.
 */
function retarget(transaction: Transaction, successor: Successor, moment: Moment): Advance {
  const { phase, from, fromStanding, to, turn, modem, iccid, boot } = transaction;
  if (phase === 'confirmed' || (phase === 'reverting' && from !== null && turn === 0)) return unchanged(transaction);
  if (phase !== 'reverting' && successor.to.key === to.key) {
    const { id, version, digest, to: named } = successor;
    // The announce names id and digest, so it is made anew.
    const renamed: Transaction = { ...transaction, id, version, digest, to: named, phase: 'applying', agrees: false };
    return journalled(renamed);
  }
  const refusal = changeRefusal('transaction.superseded');
  // Of the slot that it came from it has a known good: that comes first, and then what the newer target wants of it.
  if (successor.to.isSimUnread && successor.to.slot === from?.slot) {
    return phase === 'reverting' ? unchanged(transaction) : startWayBack(transaction, refusal, moment);
  }
  if (phase !== 'reverting' && successor.to.key === from?.key) return startWayBack(transaction, refusal, moment);
  // What was known good of the SIM that it went to is known again once that is read again.
  const others = to.slot === from?.slot ? successor.others : withoutSlot(successor.others, to.slot);
  const next = openTransaction({ ...successor, others, modem, iccid, boot, fromStanding }, moment.nowMs);
  return {
    transaction: next,
    effects: [
      { kind: 'journal', transaction: next },
      { kind: 'tell', transaction, outcome: 'superseded', refusal },
    ],
  };
}

function looked(transaction: Transaction, standing: Standing, moment: Moment): Advance {
  if (transaction.phase === 'confirmed') return commit(transaction);
  return transaction.phase === 'reverting' ? backward(transaction, standing, moment) : forward(transaction, standing, moment);
}

function time(transaction: Transaction, moment: Moment): Advance {
  if (transaction.phase === 'confirmed') return commit(transaction);
  return transaction.phase === 'reverting' ? atTurnEnd(transaction, moment) : atDeadline(transaction, moment);
}

/** A confirm counts while what it says yes to is what is up: the announce is made again otherwise. */
function confirmed(transaction: Transaction, { id, digest }: { readonly id: string; readonly digest: string }): Advance {
  const answersThis = id === transaction.id && digest === transaction.digest;
  return answersThis && transaction.phase === 'announcing' && transaction.agrees ? commit(transaction) : unchanged(transaction);
}

/** A stranger in the slot that it went to is read as the SIM before was; one in the place of the SIM that it came from leaves nothing to come back to. */
function simChanged(transaction: Transaction, slot: SimSlot | null): Advance {
  const { phase, to } = transaction;
  const isBetweenSlots = goesToOtherSlot(transaction);
  // Whose place it has taken is not known.
  if (isBetweenSlots && slot === null) return unchanged(transaction);
  if (slot === null || !isBetweenSlots || slot !== to.slot) {
    const refusal = changeRefusal('transaction.sim-changed');
    return { transaction: null, effects: [{ kind: 'close', outcome: 'inconclusive', refusal }] };
  }
  const unread: Configuration = { ...to, key: slotKey(slot), isSimUnread: true };
  const again = phase === 'reverting' ? phase : 'applying';
  const others = withoutSlot(transaction.others, to.slot);
  return journalled({ ...transaction, others, phase: again, to: unread, newIccid: null, reach: 'none', agrees: false });
}

/** What is known good of it may be the last way that works, when the SIM that the change came from has died. */
function simRead(transaction: Transaction, { iccid, to, known }: Extract<TransactionEvent, { kind: 'sim-read' }>): Advance {
  const others = [...withoutSlot(transaction.others, to.slot), ...(known ? [known] : [])];
  return journalled({ ...transaction, newIccid: iccid, to, others });
}

/**
 * The safe change as a pure machine. It decides which configuration is aimed at (`aimOf`) and when the change is over; how a modem gets to a
 * configuration is the planner's matter.
 */
export function advance(transaction: Transaction, event: TransactionEvent, moment: Moment): Advance {
  const back = transaction.phase === 'reverting';
  switch (event.kind) {
    case 'looked':
      return looked(transaction, event.standing, moment);
    case 'time':
      return time(transaction, moment);
    case 'confirm':
      return confirmed(transaction, { id: event.transaction, digest: event.digest });
    case 'stopping':
      return journalled({ ...transaction, restarts: transaction.restarts - 1 });
    case 'reboot':
      return journalled({ ...transaction, rebootDeclared: event.declared });
    case 'retargeted':
      return retarget(transaction, event.successor, moment);
    case 'sim-changed':
      return simChanged(transaction, event.slot);
    case 'sim-read':
      return simRead(transaction, event);
    case 'started':
      return resume(transaction, event.boot, moment);
    case 'revert':
      return back || transaction.phase === 'confirmed' ? unchanged(transaction) : startWayBack(transaction, event.refusal, moment);
  }
}
