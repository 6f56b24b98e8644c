import type { PinTry } from '@towline/modem';
import type { Document } from './document.ts';

/** Tries of PINs, on flash before they are made. */
export interface PinJournal {
  tries(): readonly PinTry[];
  /** Replaces what is known of the pair. False when flash refused it: then nothing may be sent. */
  record(entry: PinTry): Promise<boolean>;
}

/** More pairs than any device meets; the oldest go first. */
const maxTries = 64;

export async function loadPinJournal(document: Document<PinTry[]>): Promise<PinJournal> {
  let tries = (await document.load()) ?? [];
  return {
    tries: () => tries,
    async record(entry) {
      const others = tries.filter((one) => one.iccid !== entry.iccid || one.pinHash !== entry.pinHash);
      const next = [...others, entry].slice(-maxTries);
      const saved = await document.save(next);
      if (saved) tries = next;
      return saved;
    },
  };
}
