import { type BackoffPolicy, backoffDelayMs, type Clock, Fault, faultCode, type Random } from '@towline/kit';
import type { EventCode } from '../../core/event-codes.ts';
import { type Keepsakes, noKeepsakes } from '../../core/transaction/keepsakes.ts';
import type { Transaction } from '../../core/transaction/transaction.ts';
import type { Document } from '../document.ts';
import type { ChangeJournal } from './change-journal.ts';

export interface RecordNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: ChangeJournal;
  readonly document: Document<Keepsakes>;
  readonly tell: (code: EventCode, evidence: readonly string[], modem: string | null) => void;
}

/** A disk that is full may be emptied soon; one that is worn out is not written to death. */
const retryPolicy: BackoffPolicy = { baseMs: 5_000, factor: 2, maxMs: 900_000, jitter: 0.2 };

/** What the last run of the agent left of its changes. */
export interface LeftBehind {
  readonly open: readonly Transaction[];
  readonly isReadable: boolean;
}

/**
 * What of the changes is on flash: the journal of those that are open, and the keepsakes. What the disk refuses is owed, and tried again with
 * growing pauses; that it fails is told once until it works again.
 */
export class ChangeRecord {
  private readonly needs: RecordNeeds;
  private kept: Keepsakes = noKeepsakes;
  private owesKeepsakes = false;
  private changes: readonly Transaction[] = [];
  private owesJournal = false;
  /** Over, and in the journal until the keepsakes are on flash: else the next start would know neither. */
  private closing: readonly Transaction[] = [];
  private failures = 0;
  private notBeforeMs = 0;
  private why: string | null = null;

  constructor(needs: RecordNeeds) {
    this.needs = needs;
  }

  keepsakes(): Keepsakes {
    return this.kept;
  }

  /** Why the disk refused last, as the system says it; null while it works. */
  refusal(): string | null {
    return this.why;
  }

  async load(): Promise<LeftBehind> {
    this.kept = (await this.needs.document.load()) ?? noKeepsakes;
    try {
      const left = await this.needs.journal.read();
      return left === 'unreadable' ? { open: [], isReadable: false } : { open: left, isReadable: true };
    } catch {
      // A journal that the disk does not give leaves the known goods, which are as good a way back.
      return { open: [], isReadable: false };
    }
  }

  /** Makes room for the journal and puts these in it. False: they are not in it, and nothing that needs them may begin. */
  async open(changes: readonly Transaction[]): Promise<boolean> {
    if (!this.isDue()) return false;
    const closing = this.closing.filter(({ modem }) => changes.every((change) => change.modem !== modem));
    const isOpen = await this.attempt('the journal of a change', () => this.needs.journal.open([...closing, ...changes]));
    if (!isOpen) return false;
    this.changes = changes;
    this.closing = closing;
    this.owesJournal = false;
    return true;
  }

  /** A journal that fails in the middle of a change leaves the older entry, whose way back is the safe one. */
  async write(changes: readonly Transaction[]): Promise<void> {
    this.changes = changes;
    this.owesJournal = true;
    await this.repay();
  }

  async keep(keepsakes: Keepsakes): Promise<void> {
    this.kept = keepsakes;
    this.owesKeepsakes = true;
    await this.repay();
  }

  /** @param others what stays open when this is over */
  async close(closed: Transaction, others: readonly Transaction[]): Promise<void> {
    if (this.owesKeepsakes) this.closing = [...this.closing.filter(({ modem }) => modem !== closed.modem), closed];
    await this.write(others);
  }

  /** When what is owed is due again; never, where nothing is. */
  dueAtMs(): number {
    return this.owesJournal || this.owesKeepsakes ? this.notBeforeMs : Number.POSITIVE_INFINITY;
  }

  /** Writes what is owed, if it is due. */
  async repay(): Promise<void> {
    if (this.owesKeepsakes && this.isDue()) await this.saveKeepsakes();
    if (!this.owesJournal || !this.isDue()) return;
    const changes = [...this.closing, ...this.changes];
    if (await this.attempt('the journal of a change', () => this.needs.journal.write(changes))) this.owesJournal = false;
  }

  private async saveKeepsakes(): Promise<void> {
    const { document } = this.needs;
    const saved = await this.attempt('what was known good', async () => {
      if (!(await document.save(this.kept))) throw new Fault('store.write-failed', 'the keepsakes are not on flash');
    });
    if (!saved) return;
    this.owesKeepsakes = false;
    if (this.closing.length > 0) this.owesJournal = true;
    this.closing = [];
  }

  private isDue(): boolean {
    return this.needs.clock.monotonicMs() >= this.notBeforeMs;
  }

  private async attempt(what: string, write: () => Promise<void>): Promise<boolean> {
    const { clock, random, tell } = this.needs;
    try {
      await write();
    } catch (error) {
      const why = reasonOf(error);
      if (this.failures === 0) tell('disk.failing', [`${what}: ${why}`], null);
      this.notBeforeMs = clock.monotonicMs() + backoffDelayMs(retryPolicy, this.failures, random);
      this.failures += 1;
      this.why = why;
      return false;
    }
    this.failures = 0;
    this.why = null;
    return true;
  }
}

/** What the system said, where that is known. */
function reasonOf(error: unknown): string {
  return error instanceof Fault && error.cause !== undefined ? faultCode(error.cause) : faultCode(error);
}
