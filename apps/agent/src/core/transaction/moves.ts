import type { SimSlot } from '@towline/modem';
import {
  aimOf,
  type Change,
  type Configuration,
  changeRefusal,
  goesToOtherSlot,
  type Outcome,
  type Reach,
  type Refusal,
  type Transaction,
} from './transaction.ts';

/** What a look at the modem says of the configuration that is aimed at. */
export type Standing =
  /** Not there yet, or gone for a moment. */
  | { readonly kind: 'underway' }
  /** Every field that the model lets be read back agrees, and the bearer is up. */
  | { readonly kind: 'agrees'; readonly reach: Reach }
  /** It will not come: rejected, or the read-back is another. */
  | { readonly kind: 'refuted'; readonly refusal: Refusal };

/** What a newer target wants of the same modem and SIM; its ways back are those of the change before, as far as this one touches them. */
export type Successor = Pick<Change, 'id' | 'version' | 'digest' | 'to' | 'newIccid' | 'budgetMs' | 'from' | 'others'>;

export type TransactionEvent =
  | { readonly kind: 'looked'; readonly standing: Standing }
  /** Nobody has looked, and the time that it wakes at has come. */
  | { readonly kind: 'time' }
  /** The control plane's answer to the announce, over the session that the announce went over. */
  | { readonly kind: 'confirm'; readonly transaction: string; readonly digest: string }
  | { readonly kind: 'retargeted'; readonly successor: Successor }
  /** There is a SIM that it has nothing to do with, in this slot; null: of a modem with one, or that did not say. */
  | { readonly kind: 'sim-changed'; readonly slot: SimSlot | null }
  /** The SIM in the slot that it goes to was read: this is what the target wants of it, and what is known good of it. */
  | { readonly kind: 'sim-read'; readonly iccid: string; readonly to: Configuration; readonly known: Configuration | null }
  /** The agent's process starts and finds this transaction in the journal. */
  | { readonly kind: 'started'; readonly boot: string }
  /** The process is told to end, and does so in order: its next start is no crash. */
  | { readonly kind: 'stopping' }
  /** The host is about to restart as part of the plan, or will not after all. */
  | { readonly kind: 'reboot'; readonly declared: boolean }
  /** A person, or a signed order, wants the way back now. */
  | { readonly kind: 'revert'; readonly refusal: Refusal };

/** What is to be done, in this order, each durable or done before the next. */
export type TransactionEffect =
  | { readonly kind: 'journal'; readonly transaction: Transaction }
  /** It becomes the known good of this SIM. */
  | { readonly kind: 'keep'; readonly iccid: string; readonly configuration: Configuration; readonly standing: 'confirmed' | 'assumed' }
  /** How it ended is noted and reported, and the journal is closed. */
  | { readonly kind: 'close'; readonly outcome: Outcome; readonly refusal: Refusal | null }
  /** Reported of a transaction that another has taken the place of. */
  | { readonly kind: 'tell'; readonly transaction: Transaction; readonly outcome: Outcome; readonly refusal: Refusal };

export interface Advance {
  /** Null once it is closed. */
  readonly transaction: Transaction | null;
  readonly effects: readonly TransactionEffect[];
}

/** The moment of an event; `draw` in [0, 1) spreads ways back that would start all at once. */
export interface Moment {
  readonly nowMs: number;
  readonly draw: number;
}

/** How long a bearer that reaches others but not the control plane is held beyond the deadline, on average. */
const holdMs = 15 * 60_000;
/** By how much it may be longer, or shorter: by chance. */
const spread = (ms: number, draw: number) => ms * (0.75 + draw / 2);
/** No change is held longer beyond its deadline. */
export const longestHoldMs = spread(holdMs, 1);
/** How long what was come back to is given to be proven beyond its turn, on average. */
const proofMs = 5 * 60_000;
/** No turn on the way back is longer. */
const longestTurnMs = 60 * 60_000;

export const unchanged = (transaction: Transaction): Advance => ({ transaction, effects: [] });
export const journalled = (transaction: Transaction): Advance => ({ transaction, effects: [{ kind: 'journal', transaction }] });

/** Turns grow: a network that is away for an hour is not dialled at every minute of it. */
export function turnMs({ budgetMs }: Pick<Transaction, 'budgetMs'>, turn: number): number {
  return Math.min(budgetMs * 2 ** Math.min(Math.floor(turn / 2), 10), longestTurnMs);
}

/** The first turn is the first way's; a new configuration that was tried again on the way back, in vain, hands over to the turn behind it. */
export function startWayBack(transaction: Transaction, refusal: Refusal, { nowMs }: Moment): Advance {
  const turn = transaction.turn === 0 ? 0 : transaction.turn + 1;
  const turnEndsMs = nowMs + turnMs(transaction, turn);
  return journalled({ ...transaction, phase: 'reverting', refusal, reach: 'none', agrees: false, held: false, turn, turnEndsMs });
}

function nextTurn(transaction: Transaction, { nowMs }: Moment): Advance {
  const turn = transaction.turn + 1;
  return journalled({ ...transaction, reach: 'none', agrees: false, held: false, turn, turnEndsMs: nowMs + turnMs(transaction, turn) });
}

/** A way back is over. What is neither the known good nor the new configuration is kept, though nobody has confirmed it now. */
export function endWayBack(transaction: Transaction, outcome: Outcome): Advance {
  const { from, to, newIccid, refusal } = transaction;
  const aim = aimOf(transaction);
  const isElsewhere = goesToOtherSlot(transaction) && aim.slot === to.slot;
  const iccid = isElsewhere && newIccid !== null ? newIccid : transaction.iccid;
  const kept = aim.key === from?.key ? [] : [{ kind: 'keep', iccid, configuration: aim, standing: 'assumed' } as const];
  return { transaction: null, effects: [...kept, { kind: 'close', outcome, refusal }] };
}

/**
 * At the end of a turn: what is up and was not proven is held once. A known good that was confirmed before may then stand though the control
 * plane is not to be met over it either; what was never confirmed gives its turn to the next.
 */
export function atTurnEnd(transaction: Transaction, moment: Moment): Advance {
  const { nowMs, draw } = moment;
  const { turnEndsMs, agrees, held, from, fromStanding } = transaction;
  if (nowMs < turnEndsMs) return unchanged(transaction);
  if (!agrees) return nextTurn(transaction, moment);
  if (!held) return unchanged({ ...transaction, held: true, turnEndsMs: nowMs + spread(proofMs, draw) });
  const isGood = aimOf(transaction).key === from?.key && fromStanding === 'confirmed';
  return isGood ? endWayBack(transaction, 'inconclusive') : nextTurn(transaction, moment);
}

/** Whether there is anything else that the modem could be dialled with. */
export const hasWayBack = ({ from, to, others }: Transaction) => [from, ...others].some((way) => way !== null && way.key !== to.key);

/**
 * At the deadline: who was proven stays and goes on asking, since a control plane that is down must not make a healthy fleet go back; who
 * was witnessed is held once; all else goes back.
 */
export function atDeadline(transaction: Transaction, moment: Moment): Advance {
  const { nowMs, draw } = moment;
  if (nowMs < transaction.deadlineMs) return unchanged(transaction);
  const { phase, reach, held, budgetMs } = transaction;
  if (phase !== 'announcing') return startWayBack(transaction, changeRefusal('transaction.deadline'), moment);
  const stays = reach === 'proven' || (reach === 'witnessed' && !hasWayBack(transaction));
  if (stays) return unchanged({ ...transaction, deadlineMs: nowMs + budgetMs });
  if (reach === 'witnessed' && !held) return unchanged({ ...transaction, held: true, deadlineMs: nowMs + spread(holdMs, draw) });
  return startWayBack(transaction, changeRefusal(held ? 'transaction.unconfirmed' : 'transaction.no-path'), moment);
}

export function commit(transaction: Transaction): Advance {
  const { iccid, newIccid, to } = transaction;
  return {
    transaction: null,
    effects: [
      { kind: 'journal', transaction: { ...transaction, phase: 'confirmed' } },
      { kind: 'keep', iccid: newIccid ?? iccid, configuration: to, standing: 'confirmed' },
      { kind: 'close', outcome: 'committed', refusal: null },
    ],
  };
}
