import type { SimSlot } from '@towline/modem';
import { turnMs } from './moves.ts';

/** Whose turn it is with a modem that nothing works for. It lives as long as the process. */
export interface WanderTurn {
  /** The SIM slot that the modem was brought to for it; null: it is left where it is. */
  readonly slot: SimSlot | null;
  /** Of the turns that are taken over the SIM of one slot. */
  readonly index: number;
  /** Key of what is dialled; null: what would be anyway. */
  readonly way: string | null;
  /** Times that all of a slot had their turn: turns grow with it. */
  readonly pass: number;
  /** Monotonic milliseconds. */
  readonly endsMs: number;
}

/** What there is to try. */
export interface Ground {
  /** Keys of what the SIM in use may be dialled with; what it would be dialled with anyway is the first. */
  readonly ways: readonly string[];
  /** Where another SIM may be; null: it is not to be looked for. */
  readonly otherSlot: SimSlot | null;
  /** The first turn, in milliseconds: as long as a change may take. */
  readonly budgetMs: number;
  readonly nowMs: number;
}

/** Before anything is tried what would be dialled anyway has a turn of its own. */
export function firstTurn({ budgetMs, nowMs }: Pick<Ground, 'budgetMs' | 'nowMs'>): WanderTurn {
  return { slot: null, index: 0, way: null, pass: 0, endsMs: nowMs + budgetMs };
}

/** The turn begins anew: the link works, or nobody can tell whether it would. */
export function heldTurn(turn: WanderTurn, { budgetMs, nowMs }: Pick<Ground, 'budgetMs' | 'nowMs'>): WanderTurn {
  return { ...turn, endsMs: nowMs + turnMs({ budgetMs }, turn.pass) };
}

/** Every other turn is the first way's, as on the way back of a change. */
const wayAt = ([, ...rest]: readonly string[], index: number) => (index % 2 === 0 ? null : (rest[(index - 1) / 2] ?? null));

/**
 * Who is next once nothing has worked for a whole turn: each way over this SIM, then those over the SIM in the other slot, and so on, for ever and
 * ever more slowly. So neither a slot nor a way is left for good, and a modem goes from slot to slot once an hour at most in the end.
 */
export function nextTurn(turn: WanderTurn, ground: Ground): WanderTurn {
  const { ways, otherSlot, nowMs } = ground;
  if (nowMs < turn.endsMs) return turn;
  const index = turn.index + 1;
  if (index < 2 * (ways.length - 1)) return heldTurn({ ...turn, index, way: wayAt(ways, index) }, ground);
  return heldTurn({ slot: otherSlot ?? turn.slot, index: 0, way: null, pass: turn.pass + 1, endsMs: 0 }, ground);
}
