import { type Clock, createExclusive, type Random } from '@towline/kit';
import type { SimSlot } from '@towline/modem';
import { advance } from '../../core/transaction/advance.ts';
import {
  type Aim,
  aimAt,
  aimMeanwhile,
  type ChangeMemory,
  hasToLose,
  intend,
  type SeenRadio,
  type Wanted,
  type WayBack,
} from '../../core/transaction/intention.ts';
import { givenUpAt, giveUp, keep, knownGoodAt, mayTryAgain, type Place } from '../../core/transaction/keepsakes.ts';
import type { Standing, TransactionEffect, TransactionEvent } from '../../core/transaction/moves.ts';
import type { RetryPause } from '../../core/transaction/retry-pause.ts';
import {
  type Configuration,
  changeRefusal,
  errandOf,
  isProof,
  type Outcome,
  openTransaction,
  type Refusal,
  type Transaction,
  wakeAtMs,
} from '../../core/transaction/transaction.ts';
import { type Ending, endingCodes, keptOf, verdictOf } from '../../core/transaction/verdict.ts';
import type { Announcer } from './announcer.ts';
import { ChangeRecord, type RecordNeeds } from './change-record.ts';
import { RetryPauses } from './retry-pauses.ts';
import { UntriedDials } from './untried-dials.ts';

export interface ChangeNeeds extends RecordNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly announcer: Pick<Announcer, 'follow' | 'stop'>;
  readonly bootId: string;
  readonly transactionId: () => string;
  /** Why a change to this must not begin here and now; null: nothing speaks against it. */
  readonly obstacleTo: (to: Configuration) => Promise<Refusal | null>;
  /** The control plane has answered the device's own session, which stands. */
  readonly inTouch: () => boolean;
  /** A change ended, or turned: whoever waits looks again. */
  readonly turned: () => void;
}

/** What a look says beside what the target wants. */
export interface Seen {
  /** What a running modem was found dialled with; null where its bearer is down. */
  readonly found: Configuration | null;
  /** The last of all ways back, where the device has one. */
  readonly bootstrap: Configuration | null;
  readonly radio: SeenRadio;
  /** How long a change of this modem may take. */
  readonly budgetMs: number;
  /** Nothing has worked for as long as that: whoever waits loses nothing by a change. */
  readonly isLost: boolean;
}

/** Calls that may wait for the one before: one a modem and a few from outside. */
const maxWaiting = 64;

/**
 * Keeps the changes of this device: feeds the machine, and does what it says, each thing durable before the next. One modem is changed at a
 * time, since each may be the other's lifeline; a way back does not keep another modem from its change.
 */
export class ChangeKeeper {
  private readonly needs: ChangeNeeds;
  private readonly record: ChangeRecord;
  private readonly turn = createExclusive(maxWaiting);
  private readonly open = new Map<string, Transaction>();
  /** The changes whose session has met the control plane since their bearer came up, and whether it was bound to that. */
  private readonly met = new Map<string, { readonly pinned: boolean }>();
  /** The control plane was met since the start. */
  private hasMet = false;
  private readonly pauses: RetryPauses;
  private isStopped = false;
  private readonly untried: UntriedDials;

  constructor(needs: ChangeNeeds) {
    this.needs = needs;
    this.record = new ChangeRecord(needs);
    this.untried = new UntriedDials(this.record);
    this.pauses = new RetryPauses(needs);
  }

  /** Takes up what the last run of the agent left. */
  async start(): Promise<void> {
    const { bootId, tell } = this.needs;
    const { open, isReadable } = await this.record.load();
    if (!isReadable) return tell('store.corrupt', ['the journal of a change could not be read'], null);
    for (const left of open) this.open.set(left.modem, left);
    for (const { modem } of open) await this.happen(modem, { kind: 'started', boot: bootId });
  }

  /** What is known good of this SIM in this modem. */
  knownGoodAt(place: Place): Configuration | null {
    return knownGoodAt(this.record.keepsakes(), place)?.configuration ?? null;
  }

  /** The open change of this modem, if there is one. */
  openAt(modem: string): Transaction | null {
    return this.open.get(modem) ?? null;
  }

  /** When the loop of this modem is to look again at the latest. */
  wakeAtMs(modem: string): number {
    const open = this.open.get(modem);
    return Math.min(open ? wakeAtMs(open) : this.pauses.endsAtMs(modem), this.record.dueAtMs());
  }

  /** What to dial with, given what the target wants. Opens a change where there has to be one: it is on flash when this resolves. */
  aim(wanted: Wanted, seen: Seen): Promise<Aim> {
    return this.turn.run(async () => {
      this.untried.forget(wanted.modem);
      return this.follow(wanted, seen);
    });
  }

  /** There is a SIM in this modem that its open change has nothing to do with. */
  simChanged(modem: string, slot: SimSlot | null): Promise<void> {
    return this.turn.run(() => this.happen(modem, { kind: 'sim-changed', slot }));
  }

  /**
   * The target wants something of this modem that cannot be begun: a change for an older target has lost its aim, and so has one to a SIM of
   * which that is known only now.
   */
  refused(modem: string, version: Wanted['version'], refusal: Refusal): Promise<void> {
    return this.turn.run(async () => {
      const open = this.open.get(modem);
      if (!open) return;
      const isOlder = open.version.epoch !== version.epoch || open.version.number !== version.number;
      if (!isOlder && !open.to.isSimUnread) return;
      await this.happen(modem, { kind: 'revert', refusal: isOlder ? changeRefusal('transaction.superseded') : refusal });
    });
  }

  /** What was known good of this SIM in this modem before, newest first. */
  earlierAt(place: Place): readonly Configuration[] {
    return knownGoodAt(this.record.keepsakes(), place)?.earlier ?? [];
  }

  /** ICCIDs of the SIMs in this modem of which anything is known good. */
  knownSims(modem: string): readonly string[] {
    return this.record.keepsakes().knownGoods.flatMap((known) => (known.modem === modem ? [known.iccid] : []));
  }

  looked(modem: string, standing: Standing): Promise<void> {
    return this.turn.run(async () => {
      await this.record.repay();
      const open = this.open.get(modem);
      if (!open) return this.untried.assume(modem, standing);
      if (standing.kind !== 'agrees') this.met.delete(open.id);
      await this.happen(modem, { kind: 'looked', standing: this.proved(open, standing) });
    });
  }

  /** The session of this change has met the control plane. @param pinned it was bound to the bearer */
  meet(transaction: string, pinned: boolean): void {
    const met = { pinned };
    this.met.set(transaction, met);
    const open = [...this.open.values()].find(({ id }) => id === transaction);
    if (open && isProof(open, met)) this.needs.turned();
  }

  /**
   * The control plane answered the device's own session. A change is only opened with one that confirms: else every change would be taken
   * back. What is open stays so with any.
   */
  welcomed(confirms: boolean): Promise<void> {
    return this.turn.run(async () => {
      const keepsakes = this.record.keepsakes();
      const isNews = keepsakes.confirms !== confirms || !this.hasMet || keepsakes.givenUp.some(mayTryAgain);
      this.hasMet = true;
      if (keepsakes.confirms !== confirms) await this.record.keep({ ...keepsakes, confirms });
      if (isNews) this.needs.turned();
    });
  }

  /** A person wants this modem dialled as its target says, now. */
  endPause(modem: string): Promise<void> {
    return this.turn.run(async () => {
      const waits = this.record.keepsakes().givenUp.some((given) => given.modem === modem && mayTryAgain(given));
      if (waits) this.pauses.end(modem);
    });
  }

  /** A signed order from outside: every change that is open goes back now, and what waits for its next try has none. @returns how many there are */
  orderBack(evidence: readonly string[]): Promise<number> {
    return this.turn.run(async () => {
      const refusal = changeRefusal('transaction.ordered-back', evidence);
      const modems = [...this.open.keys()];
      for (const modem of modems) await this.happen(modem, { kind: 'revert', refusal });
      const waiting = this.record.keepsakes().givenUp.filter((given) => mayTryAgain(given) && !this.open.has(given.modem));
      for (const given of waiting) await this.record.keep(giveUp(this.record.keepsakes(), { ...given, refusal, inconclusive: false }));
      if (waiting.length > 0) this.needs.turned();
      return modems.length + waiting.length;
    });
  }

  /**
   * The host is about to restart as part of the plan, or will not after all.
   * @returns whether every open change has that on flash: else the host must not be restarted now
   */
  declareReboot(declared: boolean): Promise<boolean> {
    return this.turn.run(async () => {
      for (const modem of this.open.keys()) await this.happen(modem, { kind: 'reboot', declared });
      return this.record.refusal() === null;
    });
  }

  /** Asks no more; what is open stays in the journal, which has it that the process ended in order. */
  stop(): Promise<void> {
    this.isStopped = true;
    this.needs.announcer.stop();
    return this.turn.run(async () => {
      for (const modem of this.open.keys()) await this.happen(modem, { kind: 'stopping' });
    });
  }

  /** The control plane's yes came, over the session that the announce went over. */
  confirm(transaction: string, digest: string): Promise<void> {
    return this.turn.run(async () => {
      const open = [...this.open.values()].find(({ id }) => id === transaction);
      if (open) await this.happen(open.modem, { kind: 'confirm', transaction, digest });
    });
  }

  private async follow(wanted: Wanted, { budgetMs, isLost, ...seen }: Seen): Promise<Aim> {
    const { version, digest, configuration: to } = wanted;
    const memory: ChangeMemory = { ...seen, keepsakes: this.record.keepsakes(), pause: this.pauseOf(wanted) };
    const open = this.openAt(wanted.modem);
    const intention = intend(wanted, open, memory);
    if (intention.kind === 'go') return intention.aim;
    const successor = { id: this.needs.transactionId(), version, digest, to, budgetMs };
    if (intention.kind === 'sim-read') {
      const { to: read, known } = intention;
      await this.happen(wanted.modem, { kind: 'sim-read', iccid: wanted.iccid, to: read, known });
      return this.settled(wanted, memory);
    }
    const obstacle = async () => (isLost || !hasToLose(intention, open) ? null : this.needs.obstacleTo(to));
    if (intention.kind === 'retarget') {
      const { from, to: kept, others } = intention;
      const newIccid = open?.iccid === wanted.iccid ? null : wanted.iccid;
      const superseded = { kind: 'revert', refusal: changeRefusal('transaction.superseded') } as const;
      const retargeted = { kind: 'retargeted', successor: { ...successor, newIccid, from, to: kept, others } } as const;
      await this.happen(wanted.modem, (await obstacle()) ? superseded : retargeted);
      return this.settled(wanted, memory);
    }
    await this.letTimePass();
    const { confirms } = memory.keepsakes;
    if (confirms !== true || this.isChanging()) return this.meanwhile(wanted, memory);
    const refusal = await obstacle();
    return refusal ? this.keptBack(wanted, memory, refusal) : this.begin(wanted, intention, { ...successor, memory });
  }

  /** What the next try waits for: a control plane that can be met, and a pause in which the known good stands. */
  private pauseOf(wanted: Wanted): RetryPause | null {
    const { configuration, version } = wanted;
    const given = givenUpAt(this.record.keepsakes(), wanted, { key: configuration.key, version });
    return given && mayTryAgain(given) ? this.pauses.of(given, this.needs.inTouch()) : null;
  }

  /** Whether a change is open, on its way or on its way back. */
  hasOpen(): boolean {
    return this.open.size > 0;
  }

  /** Whether changes are answered at all: without that none is opened. */
  isConfirmed(): boolean {
    return this.record.keepsakes().confirms === true;
  }

  /** One modem at a time is brought to something new. */
  isChanging(): boolean {
    return [...this.open.values()].some(({ phase }) => phase !== 'reverting');
  }

  /** What is on its way on a modem that was gone when the agent started, which nobody looks at, goes on by the clock: else it would keep every other waiting. */
  private async letTimePass(): Promise<void> {
    const nowMs = this.needs.clock.monotonicMs();
    const overdue = [...this.open.values()].filter((open) => open.phase !== 'reverting' && wakeAtMs(open) <= nowMs);
    for (const { modem } of overdue) await this.happen(modem, { kind: 'time' });
  }

  private settled(wanted: Wanted, memory: ChangeMemory): Aim {
    const open = this.openAt(wanted.modem);
    // Closed by the very event: the next look asks again.
    return open ? aimAt(open) : aimMeanwhile(wanted, memory, true);
  }

  private meanwhile(wanted: Wanted, memory: ChangeMemory): Aim {
    const aim = aimMeanwhile(wanted, memory, memory.keepsakes.confirms);
    if (aim.configuration.key === wanted.configuration.key) this.untried.note(wanted);
    return aim;
  }

  private async begin(wanted: Wanted, way: Begin, named: Named): Promise<Aim> {
    const { modem, iccid, version, digest, configuration: to } = wanted;
    const { from, adopts, others } = way;
    const { id, budgetMs, memory } = named;
    if (from && adopts) await this.adopt(wanted, from);
    const back = { from: from?.configuration ?? null, fromStanding: from?.standing ?? 'assumed' } as const;
    const change = { id, modem, iccid, version, digest, to, budgetMs, others, boot: this.needs.bootId, ...back };
    const opened = openTransaction(change, this.needs.clock.monotonicMs());
    const isOnFlash = await this.record.open([...this.others(modem), opened]);
    if (!isOnFlash) return this.keptBack(wanted, memory, changeRefusal('transaction.no-journal', [this.record.refusal() ?? 'not yet due']));
    this.open.set(modem, opened);
    this.pauses.forget(modem);
    return aimAt(opened);
  }

  /** What is come back to although nobody confirmed it, with what the modem did not tell of it. */
  private async adopt(wanted: Wanted, from: WayBack): Promise<void> {
    const { profileRef, profile, unread = [] } = from.configuration;
    this.needs.tell('change.adopted', [`${profileRef}: ${profile.apn}`, ...unread.map((field) => `not read back: ${field}`)], wanted.modem);
    await this.record.keep(keep(this.record.keepsakes(), wanted, from));
  }

  /** A gateway that has a way back keeps it; one that never had any has nothing to lose. */
  private keptBack(wanted: Wanted, memory: ChangeMemory, refusal: Refusal): Aim {
    return { configuration: aimMeanwhile(wanted, memory, true).configuration, phase: 'refused', refusal };
  }

  private proved(open: Transaction, standing: Standing): Standing {
    const met = this.met.get(open.id);
    return standing.kind === 'agrees' && met && isProof(open, met) ? { ...standing, reach: 'proven' } : standing;
  }

  private others(modem: string): Transaction[] {
    return [...this.open.values()].filter((open) => open.modem !== modem);
  }

  private async happen(modem: string, event: TransactionEvent): Promise<void> {
    const { needs } = this;
    const before = this.open.get(modem);
    if (!before) return;
    const { transaction, effects } = advance(before, event, { nowMs: needs.clock.monotonicMs(), draw: needs.random.next() });
    if (transaction) this.open.set(modem, transaction);
    else this.open.delete(modem);
    const isSame = transaction?.id === before.id && transaction.turn === before.turn;
    const hasTurned = !isSame || (transaction.phase === 'reverting') !== (before.phase === 'reverting');
    if (!isSame || errandOf(before) !== errandOf(transaction)) this.met.delete(before.id);
    if (transaction?.id !== before.id) needs.announcer.follow(before, null);
    for (const effect of effects) await this.perform(effect, before);
    if (transaction) needs.announcer.follow(transaction, this.isStopped ? null : errandOf(transaction));
    if (hasTurned) needs.turned();
  }

  private async perform(effect: TransactionEffect, about: Transaction): Promise<void> {
    const { record } = this;
    switch (effect.kind) {
      case 'journal':
        return record.write([...this.others(about.modem), effect.transaction]);
      case 'keep':
        return record.keep(keep(record.keepsakes(), { modem: about.modem, iccid: effect.iccid }, effect));
      case 'tell':
        return this.tellOutcome(effect.transaction, effect.outcome, effect.refusal);
      case 'close':
        return this.end(about, effect);
    }
  }

  /** What is given up is on flash before the journal is closed: else the next start would try it again. */
  private async end(about: Transaction, ending: Ending): Promise<void> {
    const { record } = this;
    const outcome = verdictOf(record.keepsakes(), about, ending);
    const kept = keptOf(record.keepsakes(), about, { ...ending, outcome });
    if (kept) {
      this.pauses.forget(about.modem);
      await record.keep(kept);
    }
    await record.close(about, this.others(about.modem));
    this.tellOutcome(about, outcome, ending.refusal);
  }

  private tellOutcome({ modem, to }: Transaction, outcome: Outcome, refusal: Refusal | null): void {
    const why = refusal ? [refusal.code, ...refusal.evidence] : [];
    this.needs.tell(endingCodes[outcome], [to.profileRef, ...why], modem);
  }
}

interface Begin {
  readonly from: WayBack | null;
  readonly adopts: boolean;
  readonly others: readonly Configuration[];
}

interface Named {
  readonly id: string;
  readonly budgetMs: number;
  readonly memory: ChangeMemory;
}
