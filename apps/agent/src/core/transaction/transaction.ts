import type { DataMode, SimSlot } from '@towline/modem';
import type { ConnectionProfile, TargetVersion } from '@towline/protocol';

/** What a modem that was found running did not tell of what it is dialled with. */
export type Unread = 'credentials' | 'ip-type' | 'roaming';

/** What a modem is dialled with, complete: it is enough to come back with. `profile.password` is a secret. */
export interface Configuration {
  readonly profileRef: string;
  /** Name of the rule that led to it. */
  readonly rule: string;
  readonly profile: ConnectionProfile;
  /** How it is dialled, `auto` already decided. */
  readonly mode: DataMode;
  /** Tells two configurations apart without their secrets. */
  readonly key: string;
  /** Of one that was found: what in it is only taken for granted. Left out: nothing is. */
  readonly unread?: readonly Unread[] | undefined;
  /** The SIM slot that it is dialled in; left out: whichever is in use. */
  readonly slot?: SimSlot | undefined;
  /** The SIM in that slot has not been read yet: the profile is that of the rule which names the slot, and nothing is dialled with it. */
  readonly isSimUnread?: true | undefined;
}

/** Why a change was given up. */
export interface Refusal {
  readonly code: string;
  readonly evidence: readonly string[];
}

/**
 * - `applying`: the modem is on its way to the new configuration.
 * - `announcing`: the read-back agrees; the control plane is asked, over the new bearer, to confirm.
 * - `confirmed`: it has; the new configuration is about to become the known good.
 * - `reverting`: on the way back, for as long as it takes.
 */
export type Phase = 'applying' | 'announcing' | 'confirmed' | 'reverting';

/**
 * How far the network behind the bearer was seen, at best, since the configuration that is aimed at came up: `witnessed`, something
 * answered over it, or nothing is probed there; `proven`, the control plane was met over it (see `isProof`).
 */
export type Reach = 'none' | 'witnessed' | 'proven';

/**
 * A change that can cut the link, as it stands in the journal. All times are monotonic milliseconds of the boot `boot`: a wall clock that
 * starts in 1970 or jumps means nothing here.
 */
export interface Transaction {
  readonly id: string;
  /** Which modem, and the SIM that it is for: another SIM has a known good of its own. */
  readonly modem: string;
  readonly iccid: string;
  /** The SIM that it is for where that is in another slot, once it was read; null: it was not, or there is no other. */
  readonly newIccid: string | null;
  readonly version: TargetVersion;
  readonly digest: string;
  readonly from: Configuration | null;
  /** `assumed`: nobody has confirmed what it goes back to, so it counts as good only once it is proven. */
  readonly fromStanding: 'confirmed' | 'assumed';
  readonly to: Configuration;
  /** Earlier confirmed configurations of this SIM and the bootstrap profile, and what is known good of the SIM in the other slot; the last resort of a way back. */
  readonly others: readonly Configuration[];
  readonly phase: Phase;
  readonly boot: string;
  /** A restart of the host is part of the plan. */
  readonly rebootDeclared: boolean;
  /** Starts of the agent's process since the transaction was opened, but for those after an orderly end. */
  readonly restarts: number;
  /** How long the change may take. */
  readonly budgetMs: number;
  readonly deadlineMs: number;
  readonly reach: Reach;
  /** At the last look the read-back agreed with what is aimed at, and the bearer was up. */
  readonly agrees: boolean;
  /** The hold beyond the deadline, or beyond this turn of the way back, has been granted; it is granted once. */
  readonly held: boolean;
  readonly refusal: Refusal | null;
  /** Turns taken on the way back; which configuration is aimed at follows from it. */
  readonly turn: number;
  readonly turnEndsMs: number;
}

/** How it ended. Only `committed` is a success. */
export type Outcome = 'committed' | 'reverted' | 'inconclusive' | 'superseded';

/** The ways back, each once: known good, then what else there is. Never empty. */
function waysBack({ from, to, others }: Transaction): readonly [Configuration, ...Configuration[]] {
  const [first = to, ...rest] = from ? [from, to, ...others] : [...others, to];
  const wayOf = ({ key, slot }: Configuration) => `${slot ?? ''} ${key}`;
  const seen = new Set([wayOf(first)]);
  return [first, ...rest.filter((way) => !seen.has(wayOf(way)) && seen.add(wayOf(way)))];
}

/**
 * What the modem is to be brought to. On the way back every other turn is the first way's; between them the others take theirs,
 * since operators do shut old APNs down.
 */
export function aimOf(transaction: Transaction): Configuration {
  if (transaction.phase !== 'reverting') return transaction.to;
  const [first, ...rest] = waysBack(transaction);
  if (transaction.turn % 2 === 0 || rest.length === 0) return first;
  return rest[((transaction.turn - 1) / 2) % rest.length] ?? first;
}

/** Whether it goes from the SIM in one slot to the one in the other. */
export function goesToOtherSlot({ from, to }: Pick<Transaction, 'from' | 'to'>): boolean {
  return from?.slot !== undefined && to.slot !== undefined && from.slot !== to.slot;
}

/** Whether the target asks for a slot, whatever is in it: what was in vain there is not tried again for this SIM. */
export const slotKey = (slot: SimSlot) => `SIM slot ${slot}`;

/** By what the target asked for it, seen from the SIM that it began with. */
export function askedKeyOf({ from, to }: Pick<Transaction, 'from' | 'to'>): string {
  return to.slot !== undefined && goesToOtherSlot({ from, to }) ? slotKey(to.slot) : to.key;
}

/** A SIM as it was seen. */
export interface SeenSim {
  readonly iccid: string;
  /** Null: the modem has one slot, or did not say. */
  readonly slot: SimSlot | null;
}

/** Whether this is a SIM that the change has to do with: the one it began with, or whichever is in the slot that it goes to. */
export function concernsSim({ iccid, newIccid, to }: Transaction, seen: SeenSim): boolean {
  if (seen.iccid === iccid || seen.iccid === newIccid) return true;
  return to.isSimUnread === true && (seen.slot === null || seen.slot === to.slot);
}

/** When this transaction wants to be looked at again at the latest. There always is such a time: none waits for ever on an event. */
export function wakeAtMs(transaction: Transaction): number {
  return transaction.phase === 'reverting' ? transaction.turnEndsMs : transaction.deadlineMs;
}

/** What the session of a change is for: asking whether it may stay, or only meeting the control plane over what it came back to. */
export type Errand = 'announce' | 'prove';

/** Null while there is nothing that a session could tell. */
export function errandOf(transaction: Transaction | null): Errand | null {
  if (!transaction) return null;
  const { phase, agrees } = transaction;
  if (phase === 'announcing') return 'announce';
  return phase === 'reverting' && agrees ? 'prove' : null;
}

/**
 * Whether having met the control plane says that the bearer reaches it. A session that was bound to the bearer does. Where a modem gives the
 * host no network there is nothing to bind to: forward only the confirm itself counts there, over the only session that there is; on the way
 * back, which nobody confirms, that this session stands while the read-back agrees is all that can be known.
 */
export function isProof({ phase }: Transaction, met: { readonly pinned: boolean }): boolean {
  return met.pinned || phase === 'reverting';
}

/** What a transaction is opened with. */
export type Change = Pick<
  Transaction,
  'id' | 'modem' | 'iccid' | 'version' | 'digest' | 'from' | 'fromStanding' | 'to' | 'others' | 'budgetMs' | 'boot'
> &
  Partial<Pick<Transaction, 'newIccid'>>;

/** A transaction as it goes into the journal before the first command. */
export function openTransaction(change: Change, nowMs: number): Transaction {
  return {
    newIccid: null,
    ...change,
    phase: 'applying',
    rebootDeclared: false,
    restarts: 0,
    deadlineMs: nowMs + change.budgetMs,
    reach: 'none',
    agrees: false,
    held: false,
    refusal: null,
    turn: 0,
    turnEndsMs: 0,
  };
}

/** Codes of the transaction itself, beside the modem's reasons. */
type ChangeCode =
  | 'transaction.deadline' // it did not come up in time
  | 'transaction.no-path' // it came up, and nothing answered over it
  | 'transaction.unconfirmed' // others answered over it, the control plane did not
  | 'transaction.rebooted'
  | 'transaction.agent-crashed'
  | 'transaction.superseded'
  | 'transaction.sim-changed'
  | 'transaction.ordered-back' // a person, or a signed order
  | 'transaction.no-journal' // flash does not take the journal, so nothing was begun
  | 'transaction.no-way-back' // what it is dialled with cannot be dialled again: nobody knows its credentials
  | 'transaction.state-volatile' // a loss of power takes the journal: the state directory is in RAM
  | 'transaction.clock-unset' // every certificate would be not valid yet
  | 'transaction.endpoint-ip-type' // the control plane has no address of the profile's IP type
  | 'transaction.lost' // what it should be dialled with does not work, so it is dialled with what does
  | 'transaction.battery-low'
  | 'transaction.too-hot'
  | 'transaction.no-confirmer'; // this control plane confirms nothing, and what is dialled with was confirmed by another

export const changeRefusal = (code: ChangeCode, evidence: readonly string[] = []): Refusal => ({ code, evidence });
