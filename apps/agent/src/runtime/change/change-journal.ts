import type { Transaction } from '../../core/transaction/transaction.ts';
import type { Seal } from '../document.ts';
import type { Journal } from '../storage/journal.ts';
import { transactionSchema } from './stored-change.ts';

/** The journal in the words of changes. */
export interface ChangeJournal {
  /** @throws Fault `journal.unwritable` */
  open(transaction: Transaction): Promise<void>;
  /** @throws Fault `journal.unwritable` */
  write(transaction: Transaction): Promise<void>;
  /** @throws Fault `journal.unwritable` */
  close(): Promise<void>;
  /** `unreadable`: something was written that this agent cannot read. @throws Fault `journal.unreadable` */
  read(): Promise<Transaction | 'unreadable' | null>;
}

const nothingOpen = 'closed';

/** @param seal passwords are in it */
export function changeJournal(journal: Journal, seal: Seal): ChangeJournal {
  const write = (transaction: Transaction) => journal.write(seal.close(JSON.stringify(transaction)));
  return {
    write,
    async open(transaction) {
      await journal.reserve();
      await write(transaction);
    },
    close: () => journal.write(nothingOpen),
    async read() {
      const body = await journal.read();
      if (body === null || body === nothingOpen) return null;
      return parse(seal.open(body)) ?? 'unreadable';
    },
  };
}

function parse(text: string | null): Transaction | null {
  if (text === null) return null;
  try {
    return transactionSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
