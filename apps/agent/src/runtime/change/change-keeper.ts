import { type Clock, createExclusive, faultCode, type Random } from '@towline/kit';
import type { EventCode } from '../../core/event-codes.ts';
import { advance } from '../../core/transaction/advance.ts';
import { intend, type Wanted } from '../../core/transaction/intention.ts';
import { giveUp, type Keepsakes, keep, knownGoodAt, noKeepsakes, type Place } from '../../core/transaction/keepsakes.ts';
import type { Standing, TransactionEffect, TransactionEvent } from '../../core/transaction/moves.ts';
import {
  type Configuration,
  changeRefusal,
  type Outcome,
  openTransaction,
  type Refusal,
  type Transaction,
  wakeAtMs,
} from '../../core/transaction/transaction.ts';
import type { Document } from '../document.ts';
import type { Announcer } from './announcer.ts';
import type { ChangeJournal } from './change-journal.ts';

/** What a modem is to be dialled with now. */
export interface Aim {
  readonly configuration: Configuration;
  /** Why it is not what the target wants. */
  readonly refusal: Refusal | null;
}

export interface ChangeNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: ChangeJournal;
  readonly document: Document<Keepsakes>;
  readonly announcer: Pick<Announcer, 'start' | 'stop'>;
  readonly bootId: string;
  readonly transactionId: () => string;
  readonly tell: (code: EventCode, evidence: readonly string[], modem: string | null) => void;
  /** A change ended, or turned: whoever waits looks again. */
  readonly turned: () => void;
}

/** Calls that may wait for the one before: one a modem and a few from outside. */
const maxWaiting = 64;

const outcomeCodes: Readonly<Record<Outcome, EventCode>> = {
  committed: 'change.committed',
  reverted: 'change.reverted',
  inconclusive: 'change.inconclusive',
  superseded: 'change.superseded',
};

/** A journal that the disk does not give leaves the known goods, which are as good a way back. */
async function readJournal(journal: ChangeJournal): Promise<Transaction | 'unreadable' | null> {
  try {
    return await journal.read();
  } catch {
    return 'unreadable';
  }
}

/** Keeps the one change of this device: feeds the machine, and does what it says, each thing durable before the next. */
export class ChangeKeeper {
  private readonly needs: ChangeNeeds;
  private readonly turn = createExclusive(maxWaiting);
  private open: Transaction | null = null;
  /** The change whose session has met the control plane since its bearer came up. */
  private metFor: string | null = null;
  private keepsakes: Keepsakes = noKeepsakes;
  private confirms = false;
  /** Whether the keepsakes on flash are those in memory. */
  private isSaved = true;
  /** Digest of the target whose change the journal refused last. */
  private unjournalled: string | null = null;

  constructor(needs: ChangeNeeds) {
    this.needs = needs;
  }

  /** Takes up what the last run of the agent left. */
  async start(): Promise<void> {
    const { document, journal, bootId, tell } = this.needs;
    this.keepsakes = (await document.load()) ?? noKeepsakes;
    const left = await readJournal(journal);
    if (left === 'unreadable') return tell('store.corrupt', ['the journal of a change could not be read'], null);
    this.open = left;
    if (left) await this.happen({ kind: 'started', boot: bootId });
  }

  /** What is known good of this SIM in this modem. */
  knownGoodAt(place: Place): Configuration | null {
    return knownGoodAt(this.keepsakes, place)?.configuration ?? null;
  }

  /** The open change of this modem, if there is one. */
  openAt(modem: string): Transaction | null {
    return this.open?.modem === modem ? this.open : null;
  }

  /** When the loop of this modem is to look again at the latest. */
  wakeAtMs(modem: string): number {
    const open = this.openAt(modem);
    return open ? wakeAtMs(open) : Number.POSITIVE_INFINITY;
  }

  /**
   * What to dial with, given what the target wants. Opens a change where there has to be one: it is on flash when this resolves.
   * @param found what a running modem was found dialled with
   * @param budgetMs how long a change of this modem may take
   */
  aim(wanted: Wanted, { found, budgetMs }: { found: Configuration | null; budgetMs: number }): Promise<Aim> {
    return this.turn.run(async () => {
      if (this.open?.modem === wanted.modem && this.open.iccid !== wanted.iccid) await this.happen({ kind: 'sim-changed' });
      if (this.open && this.open.modem !== wanted.modem) {
        return this.unconfirmable(wanted);
      }
      return this.follow(wanted, { found, budgetMs });
    });
  }

  looked(modem: string, standing: Standing): Promise<void> {
    return this.turn.run(async () => {
      const open = this.openAt(modem);
      if (!open) return;
      if (standing.kind !== 'agrees') this.metFor = null;
      const proven = standing.kind === 'agrees' && this.metFor === open.id;
      await this.happen({ kind: 'looked', standing: proven ? { ...standing, reach: 'proven' } : standing });
    });
  }

  /** The session of this change has met the control plane. */
  met(transaction: string): void {
    this.metFor = transaction;
    this.needs.turned();
  }

  /**
   * Whether the control plane answers announces. A change is only opened with one that does: else every change would be taken back.
   * What is open stays so with any.
   */
  welcomed(confirms: boolean): void {
    if (confirms === this.confirms) return;
    this.confirms = confirms;
    this.needs.turned();
  }

  /** Asks no more; what is open stays in the journal. */
  stop(): void {
    this.needs.announcer.stop();
  }

  /** The control plane's yes came, over the session that the announce went over. */
  confirm(transaction: string, digest: string): Promise<void> {
    return this.turn.run(() => this.happen({ kind: 'confirm', transaction, digest }));
  }

  private async follow(wanted: Wanted, { found, budgetMs }: { found: Configuration | null; budgetMs: number }): Promise<Aim> {
    const { version, digest, configuration: to, modem, iccid } = wanted;
    const named = { id: this.needs.transactionId(), version, digest, to, budgetMs };
    const intention = intend(wanted, this.open, { keepsakes: this.keepsakes, found });
    switch (intention.kind) {
      case 'go':
        return intention;
      case 'retarget':
        await this.happen({ kind: 'retargeted', successor: named });
        return this.settled(wanted);
      case 'begin': {
        if (!this.confirms) return this.unconfirmable(wanted);
        const { from, others } = intention;
        if (from && intention.found) await this.keep(wanted, { configuration: from, standing: 'assumed' });
        const opened = openTransaction({ ...named, modem, iccid, from, others, boot: this.needs.bootId }, this.needs.clock.monotonicMs());
        return (await this.begin(opened)) ? this.settled(wanted) : this.withoutJournal(from, to);
      }
    }
  }

  private settled(wanted: Wanted): Aim {
    const intention = intend(wanted, this.open, { keepsakes: this.keepsakes, found: null });
    // Whatever else it may be now: what is under way goes on, and the next look asks again.
    return intention.kind === 'go' ? intention : { configuration: this.open?.from ?? wanted.configuration, refusal: null };
  }

  /**
   * Nobody is known (yet) who would confirm: what is known good stays, as its session is what may tell. A gateway without any dials as it
   * is told.
   */
  private unconfirmable(wanted: Wanted): Aim {
    return { configuration: knownGoodAt(this.keepsakes, wanted)?.configuration ?? wanted.configuration, refusal: null };
  }

  /** A gateway that has a way back keeps it; one that never had any has nothing to lose. */
  private withoutJournal(from: Configuration | null, to: Configuration): Aim {
    return { configuration: from ?? to, refusal: changeRefusal('transaction.no-journal') };
  }

  private async begin(opened: Transaction): Promise<boolean> {
    try {
      await this.needs.journal.open(opened);
    } catch (error) {
      // Each look tries again; it is news once a target.
      if (this.unjournalled !== opened.digest) this.needs.tell('transaction.no-journal', [faultCode(error)], opened.modem);
      this.unjournalled = opened.digest;
      return false;
    }
    this.open = opened;
    return true;
  }

  private async happen(event: TransactionEvent): Promise<void> {
    const { open, needs } = this;
    if (!open) return;
    const before = open.phase;
    const { transaction, effects } = advance(open, event, { nowMs: needs.clock.monotonicMs(), draw: needs.random.next() });
    this.open = transaction;
    if (transaction?.phase !== 'announcing' || transaction.id !== open.id) needs.announcer.stop();
    for (const effect of effects) await this.perform(effect, open);
    if (transaction?.phase !== before || transaction?.id !== open.id) needs.turned();
  }

  private async perform(effect: TransactionEffect, about: Transaction): Promise<void> {
    const { journal, announcer } = this.needs;
    switch (effect.kind) {
      case 'journal':
        return this.durably(about, () => journal.write(effect.transaction));
      case 'announce':
        return announcer.start(this.open ?? about);
      case 'keep':
        return this.keep(about, { configuration: effect.configuration, standing: 'confirmed' });
      case 'tell':
        return this.tellOutcome(effect.transaction, effect.outcome, effect.refusal);
      case 'close':
        await this.note(about, effect.outcome, effect.refusal);
        // Closed over keepsakes that are not on flash, the next start would know neither.
        if (this.isSaved) await this.durably(about, () => journal.close());
        return this.tellOutcome(about, effect.outcome, effect.refusal);
    }
  }

  /** What is given up is on flash before the journal is closed: else the next start would try it again. */
  private async note({ modem, iccid, to, version }: Transaction, outcome: Outcome, refusal: Refusal | null): Promise<void> {
    if (outcome === 'committed' || !refusal || refusal.code === 'transaction.sim-changed') return;
    this.keepsakes = giveUp(this.keepsakes, { modem, iccid, key: to.key, version, refusal });
    this.isSaved = await this.needs.document.save(this.keepsakes);
  }

  private async keep(place: Place, next: { configuration: Configuration; standing: 'confirmed' | 'assumed' }): Promise<void> {
    this.keepsakes = keep(this.keepsakes, place, next);
    this.isSaved = await this.needs.document.save(this.keepsakes);
  }

  /** A journal that fails in the middle of a change leaves the older entry, whose way back is the safe one. */
  private async durably({ modem }: Transaction, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.needs.tell('store.write-failed', [`the journal of a change: ${faultCode(error)}`], modem);
    }
  }

  private tellOutcome({ modem, to }: Transaction, outcome: Outcome, refusal: Refusal | null): void {
    const why = refusal ? [refusal.code, ...refusal.evidence] : [];
    this.needs.tell(outcomeCodes[outcome], [to.profileRef, ...why], modem);
  }
}
