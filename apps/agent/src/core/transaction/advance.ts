import type { Advance, Moment, Standing, Successor, TransactionEvent } from './moves.ts';
import { atDeadline, commit, journalled, nextTurn, startWayBack, turnMs, unchanged } from './moves.ts';
import { aimOf, changeRefusal, openTransaction, type Reach, type Transaction } from './transaction.ts';

/** Process starts with an open transaction after which only the way back is left. */
const maxRestarts = 3;

const rank: Readonly<Record<Reach, number>> = { none: 0, witnessed: 1, proven: 2 };
const bestOf = (left: Reach, right: Reach): Reach => (rank[left] >= rank[right] ? left : right);

/** A bearer that was proven and drops gets a fresh budget to come back; what was never proven has no claim to one. */
function dropped(transaction: Transaction, moment: Moment): Advance {
  const proven = transaction.phase === 'announcing' && transaction.reach === 'proven';
  if (!proven) return atDeadline(transaction, moment);
  return unchanged({ ...transaction, reach: 'none', deadlineMs: moment.nowMs + transaction.budgetMs });
}

function forward(transaction: Transaction, standing: Standing, moment: Moment): Advance {
  if (standing.kind === 'refuted') return startWayBack(transaction, standing.refusal, moment);
  if (standing.kind === 'underway') return dropped(transaction, moment);
  const seen: Transaction = { ...transaction, phase: 'announcing', reach: bestOf(transaction.reach, standing.reach) };
  const next = atDeadline(seen, moment);
  if (transaction.phase === 'announcing' || next.transaction?.phase !== 'announcing') return next;
  return { transaction: next.transaction, effects: [{ kind: 'journal', transaction: next.transaction }, { kind: 'announce' }] };
}

function backward(transaction: Transaction, standing: Standing, moment: Moment): Advance {
  if (standing.kind !== 'agrees' || standing.reach === 'none') return nextTurn(transaction, moment);
  const aim = aimOf(transaction);
  const { refusal, from, to, budgetMs } = transaction;
  if (aim.key === to.key && from?.key !== to.key) {
    // Nothing else reached the network and this does after all: it is announced once more.
    const again: Transaction = {
      ...transaction,
      phase: 'announcing',
      reach: standing.reach,
      held: false,
      deadlineMs: moment.nowMs + budgetMs,
    };
    return { transaction: again, effects: [{ kind: 'journal', transaction: again }, { kind: 'announce' }] };
  }
  const outcome = standing.reach === 'proven' ? 'reverted' : 'inconclusive';
  const end = [{ kind: 'close', outcome, refusal }] as const;
  return { transaction: null, effects: aim.key === from?.key ? end : [{ kind: 'keep', configuration: aim }, ...end] };
}

function resume(transaction: Transaction, boot: string, moment: Moment): Advance {
  if (transaction.phase === 'confirmed') return commit(transaction);
  const restarts = transaction.restarts + 1;
  const sameBoot = boot === transaction.boot;
  const { budgetMs, turn } = transaction;
  const rebased: Transaction = sameBoot
    ? { ...transaction, restarts }
    : {
        ...transaction,
        restarts,
        boot,
        rebootDeclared: false,
        deadlineMs: moment.nowMs + budgetMs,
        turnEndsMs: moment.nowMs + turnMs(transaction, turn),
      };
  if (transaction.phase === 'reverting') return journalled(rebased);
  if (!sameBoot && !transaction.rebootDeclared) return startWayBack(rebased, changeRefusal('transaction.rebooted'), moment);
  if (restarts >= maxRestarts) return startWayBack(rebased, changeRefusal('transaction.agent-crashed'), moment);
  return journalled({ ...rebased, phase: 'applying', reach: 'none' });
}

/**
 * A newer target. What is not confirmed yet gives way to it, with the same known good behind it; only a way back whose known good
 * has not had its turn is left alone.
 */
function retarget(transaction: Transaction, successor: Successor, moment: Moment): Advance {
  const { phase, from, to, others, turn, modem, iccid, boot } = transaction;
  if (phase === 'confirmed' || (phase === 'reverting' && from !== null && turn === 0)) return unchanged(transaction);
  if (phase !== 'reverting' && successor.to.key === to.key) {
    const { id, version, digest, to: named } = successor;
    // The announce names id and digest, so it is made anew.
    const renamed: Transaction = { ...transaction, id, version, digest, to: named, phase: 'applying' };
    return journalled(renamed);
  }
  const refusal = changeRefusal('transaction.superseded');
  if (phase !== 'reverting' && successor.to.key === from?.key) return startWayBack(transaction, refusal, moment);
  const next = openTransaction({ ...successor, modem, iccid, boot, from, others }, moment.nowMs);
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
  return transaction.phase === 'reverting' ? nextTurn(transaction, moment) : atDeadline(transaction, moment);
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
    case 'confirm': {
      const answersThis = event.transaction === transaction.id && event.digest === transaction.digest;
      return answersThis && transaction.phase === 'announcing' ? commit(transaction) : unchanged(transaction);
    }
    case 'retargeted':
      return retarget(transaction, event.successor, moment);
    case 'sim-changed':
      return {
        transaction: null,
        effects: [{ kind: 'close', outcome: 'inconclusive', refusal: changeRefusal('transaction.sim-changed') }],
      };
    case 'started':
      return resume(transaction, event.boot, moment);
    case 'revert':
      return back || transaction.phase === 'confirmed' ? unchanged(transaction) : startWayBack(transaction, event.refusal, moment);
  }
}
