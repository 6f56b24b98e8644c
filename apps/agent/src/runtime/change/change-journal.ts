import type { Transaction } from '../../core/transaction/transaction.ts';
import type { Seal } from '../ports.ts';
import type { Journal } from '../storage/journal.ts';
import { changesSchema } from './stored-change.ts';

/** The journal in the words of changes: all that are open, one a modem at most. */
export interface ChangeJournal {
  /** Makes room first. @throws Fault `journal.unwritable` */
  open(changes: readonly Transaction[]): Promise<void>;
  /** @throws Fault `journal.unwritable` */
  write(changes: readonly Transaction[]): Promise<void>;
  /** `unreadable`: something was written that this agent cannot read. @throws Fault `journal.unreadable` */
  read(): Promise<readonly Transaction[] | 'unreadable'>;
}

const nothingOpen = 'closed';
/** Of a refusal, in the journal; the event that told of it has it whole. */
const maxLines = 4;
const maxLine = 120;

/** As much as is needed to go on: a slot has a fixed size. */
function brief(change: Transaction): Transaction {
  const { refusal } = change;
  if (!refusal) return change;
  return { ...change, refusal: { ...refusal, evidence: refusal.evidence.slice(-maxLines).map((line) => line.slice(0, maxLine)) } };
}

/** @param seal passwords are in it */
export function changeJournal(journal: Journal, seal: Seal): ChangeJournal {
  const write = (changes: readonly Transaction[]) =>
    journal.write(changes.length === 0 ? nothingOpen : seal.close(JSON.stringify(changes.map(brief))));
  return {
    write,
    async open(changes) {
      await journal.reserve();
      await write(changes);
    },
    async read() {
      const body = await journal.read();
      if (body === null || body === nothingOpen) return [];
      return parse(seal.open(body)) ?? 'unreadable';
    },
  };
}

function parse(text: string | null): Transaction[] | null {
  if (text === null) return null;
  try {
    return changesSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
