import { Fault, faultCode } from '@towline/kit';
import type { Disk } from './disk.ts';
import { decodeSlot, encodeSlot, type Slot, slotBytes } from './slot.ts';

/** One text that is on flash before what it announces is begun. */
export interface Journal {
  /** Makes room, so that no later write needs any. @throws Fault `journal.unwritable`, and then nothing that needs a journal may begin */
  reserve(): Promise<void>;
  /** What was written last and survived; null when nothing ever was. @throws Fault `journal.unreadable` */
  read(): Promise<string | null>;
  /** On flash once it resolves; until then the text before may be what survives. @throws Fault `journal.unwritable` */
  write(body: string): Promise<void>;
}

const slots = ['journal.0', 'journal.1'] as const;
type SlotName = (typeof slots)[number];

interface Standing {
  readonly newest: { readonly name: SlotName; readonly slot: Slot } | null;
  /** Slots that are not there in full size. */
  readonly missing: readonly SlotName[];
}

async function look(disk: Disk): Promise<Standing> {
  let newest: Standing['newest'] = null;
  const missing: SlotName[] = [];
  for (const name of slots) {
    const bytes = await disk.read(name);
    if (bytes?.length !== slotBytes) missing.push(name);
    const slot = bytes && decodeSlot(bytes);
    if (slot && slot.sequence > (newest?.slot.sequence ?? 0)) newest = { name, slot };
  }
  return { newest, missing };
}

/** A file of its own under another name first: what lies under the slot's name stays whole until the new one is. */
async function replaceSlot(disk: Disk, name: SlotName, content: Uint8Array): Promise<void> {
  await disk.create(`${name}.new`, content);
  await disk.rename(`${name}.new`, name);
  await disk.syncDirectory();
}

/**
 * Two fixed slots, written in turn: while one is being written the other keeps what was said before. A slot whose write failed is not
 * written again but replaced by a new file, as a failed sync leaves nobody knowing what is on flash (PostgreSQL's finding of 2018).
 */
export function slotJournal(disk: Disk): Journal {
  const suspect = new Set<SlotName>();
  let known: Standing | null = null;
  const standing = async (): Promise<Standing> => (known ??= await look(disk));

  async function write(body: string): Promise<void> {
    const { newest, missing } = await standing();
    const name = newest?.name === slots[0] ? slots[1] : slots[0];
    const slot = { sequence: (newest?.slot.sequence ?? 0) + 1, body };
    const fresh = suspect.has(name) || missing.includes(name);
    // A file that is there keeps its size, so only what is said is written: flash is not worn by padding.
    const content = encodeSlot(slot, fresh ? slotBytes : 0);
    if (!content) throw new Fault('journal.too-long', `${body.length} characters do not fit a slot of the journal`);
    suspect.add(name);
    await (fresh ? replaceSlot(disk, name, content) : disk.overwrite(name, content));
    suspect.delete(name);
    known = { newest: { name, slot }, missing: missing.filter((other) => other !== name) };
  }

  return {
    async reserve() {
      try {
        const { missing } = await standing();
        for (const name of missing) await replaceSlot(disk, name, new Uint8Array(slotBytes).fill(0x0a));
        known = null;
      } catch (cause) {
        throw unwritable(cause);
      }
    },
    async read() {
      try {
        return (await standing()).newest?.slot.body ?? null;
      } catch (cause) {
        throw new Fault('journal.unreadable', `the journal cannot be read: ${faultCode(cause)}`, { cause });
      }
    },
    async write(body) {
      try {
        await write(body);
      } catch (cause) {
        throw unwritable(cause);
      }
    },
  };
}

function unwritable(cause: unknown): Fault {
  return new Fault('journal.unwritable', `the journal cannot be written: ${faultCode(cause)}`, { cause });
}
