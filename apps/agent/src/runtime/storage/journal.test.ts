import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CrashDisk, crashDisk, type Forgotten, type Survivors } from '../../testing/crash-disk.ts';
import { diskFaults, failingDisk } from '../../testing/failing-disk.ts';
import type { Disk } from './disk.ts';
import { diskStore } from './disk-store.ts';
import { slotJournal } from './journal.ts';
import { crc32, decodeSlot, encodeSlot, slotBytes } from './slot.ts';

describe('a slot', () => {
  it('gives back what was put in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), fc.string({ unit: 'grapheme', maxLength: 300 }), (sequence, body) => {
        const bytes = encodeSlot({ sequence, body });
        expect(bytes && decodeSlot(bytes)).toEqual({ sequence, body });
      }),
    );
  });

  it('is nothing once any octet of what was written is another', () => {
    const whole = encodeSlot({ sequence: 7, body: 'what is being changed' }) ?? new Uint8Array();
    const used = whole.findLastIndex((octet) => octet !== 0x0a) + 1;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: used - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = whole.slice();
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        expect(decodeSlot(damaged)).toBeNull();
      }),
    );
  });

  it('takes no body that does not fit, and knows the check value of CRC-32', () => {
    expect(encodeSlot({ sequence: 1, body: 'x'.repeat(slotBytes) })).toBeNull();
    expect(crc32('123456789')).toBe('cbf43926');
  });
});

/** Where in its change a device was when the power went: what it had on flash by then, and whether the modem was already touched. */
interface Cut {
  readonly left: Survivors;
  readonly touched: boolean;
  readonly committed: boolean;
}

interface Device {
  readonly disk: Disk;
  touched: boolean;
  committed: boolean;
}

/** The order in which a change writes: room first, then the journal, then the modem, then the new known good, then the end. */
async function change(device: Device): Promise<void> {
  const journal = slotJournal(device.disk);
  const store = diskStore(device.disk);
  await store.write('known-good', 'old');
  await journal.reserve();
  await journal.write('open: back to old');
  device.touched = true;
  await journal.write('confirmed: new');
  await store.write('known-good', 'new');
  device.committed = true;
  await journal.write('closed');
}

/** Of the change below; another number is another protocol, to be looked at anew. */
const distinctStates = 40;

async function everyCut(forgets?: Forgotten): Promise<Cut[]> {
  const cuts = new Map<string, Cut>();
  const note = (disk: CrashDisk) => {
    for (const left of disk.crashStates()) {
      const cut = { left, touched: device.touched, committed: device.committed };
      const content = [...left].map(([name, bytes]) => [name, crc32(Buffer.from(bytes).toString('latin1'))].join());
      cuts.set(JSON.stringify([content.sort(), cut.touched, cut.committed]), cut);
    }
  };
  const device: Device = { touched: false, committed: false, disk: crashDisk({ watch: note, ...(forgets ? { forgets } : {}) }) };
  await change(device);
  return [...cuts.values()];
}

/** What is wrong with waking up like this; null when the way back is known. */
async function strandedBy({ left, touched, committed }: Cut): Promise<string | null> {
  const disk = crashDisk({ left });
  const journal = await slotJournal(disk).read();
  const knownGood = await diskStore(disk).read('known-good');
  if (!touched) return null;
  if (knownGood !== 'old' && knownGood !== 'new') return `the known good is torn: ${knownGood}`;
  if (knownGood === 'new') return null;
  if (committed) return 'the new known good is lost after it was said to be there';
  return journal?.startsWith('open') || journal?.startsWith('confirmed') ? null : `modem changed, and the journal says ${journal}`;
}

describe('a change that is journalled', () => {
  it('leaves the way back on flash wherever the power goes', async () => {
    const cuts = await everyCut();
    expect(cuts.length).toBe(distinctStates);
    for (const cut of cuts) expect(await strandedBy(cut)).toBeNull();
  });

  it.each<Forgotten>(['sync-of-create', 'sync-of-overwrite', 'sync-of-directory'])(
    'would strand a device without the %s, and this is noticed',
    async (forgets) => {
      const verdicts = await Promise.all((await everyCut(forgets)).map(strandedBy));
      expect(verdicts.some((verdict) => verdict !== null)).toBe(true);
    },
  );

  it('can be written again after any crash', async () => {
    for (const { left } of await everyCut()) {
      const disk = crashDisk({ left });
      const journal = slotJournal(disk);
      await journal.reserve();
      await journal.write('next');
      expect(await slotJournal(disk).read()).toBe('next');
    }
  });
});

describe('the journal on a disk that fails', () => {
  it('says so at whichever call it fails, keeps what was there, and replaces the slot at the next write', async () => {
    for (const code of diskFaults) {
      for (let at = 1; at <= 12; at += 1) {
        const disk = failingDisk(crashDisk(), { from: at, to: at, code });
        const journal = slotJournal(disk);
        const said: string[] = [];
        for (const body of ['one', 'two', 'three', 'four', 'five']) {
          try {
            await journal.reserve();
            await journal.write(body);
            said.push(body);
          } catch (error) {
            expect(error).toMatchObject({ code: 'journal.unwritable' });
            expect(await journal.read()).toBe(said.at(-1) ?? null);
          }
        }
        expect(said.length).toBeGreaterThanOrEqual(4);
        expect(await slotJournal(disk).read()).toBe(said.at(-1));
      }
    }
  });

  it('asks the disk for no room once it is reserved', async () => {
    const made: string[] = [];
    const disk = crashDisk();
    const journal = slotJournal({ ...disk, create: async (name, content) => (made.push(name), disk.create(name, content)) });
    await journal.reserve();
    const reserved = made.length;
    for (const body of ['one', 'two', 'three']) await journal.write(body);
    expect(made).toHaveLength(reserved);
  });
});
