import { Fault, faultCode } from '@towline/kit';
import type { Store } from '../ports.ts';
import type { Disk } from './disk.ts';
import { slotJournal } from './journal.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const fileOf = (name: string) => `${name}.json`;

/** A write is there whole or not at all, whenever the power goes: a new file, its sync, the rename, the sync of the directory. */
async function replace(disk: Disk, name: string, text: string): Promise<void> {
  const file = fileOf(name);
  await disk.create(`${file}.tmp`, encoder.encode(text));
  await disk.rename(`${file}.tmp`, file);
  await disk.syncDirectory();
}

/** Keeps each text in a file of its own. A failed sync is not tried again, as the kernel may have dropped the pages that it then calls clean. */
export function diskStore(disk: Disk): Store {
  // Two writes of one name in flight would share the temporary file.
  let tail: Promise<void> = Promise.resolve();
  return {
    async read(name) {
      try {
        const content = await disk.read(fileOf(name));
        return content && decoder.decode(content);
      } catch (cause) {
        throw new Fault('store.read-failed', `${name} cannot be read`, { cause });
      }
    },
    write(name, text) {
      const turn = tail.then(() => replace(disk, name, text));
      tail = turn.catch(() => {});
      return turn.catch((cause: unknown) => {
        throw new Fault('store.write-failed', `${name} cannot be written: ${faultCode(cause)}`, { cause });
      });
    },
    async setAside(name) {
      await disk.rename(fileOf(name), `${fileOf(name)}.corrupt`);
      await disk.syncDirectory();
    },
    journal: slotJournal(disk),
  };
}
