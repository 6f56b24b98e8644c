import { beforeEach, describe, expect, it } from 'vitest';
import type { Refusal } from '../../core/transaction/transaction.ts';
import { type CrashDisk, crashDisk, type Survivors } from '../../testing/crash-disk.ts';
import { type CountingDisk, countingDisk, diskFaults, failingDisk } from '../../testing/failing-disk.ts';
import { agrees, confirmOpen, keeperOn, place, seen, settle, underway, wantedOf } from '../../testing/kept-changes.ts';
import { plainSeal } from '../document.ts';
import type { Disk } from '../storage/disk.ts';
import { diskStore } from '../storage/disk-store.ts';
import { changeJournal } from './change-journal.ts';

const minutes = (count: number) => count * 60_000;

/** What the journal says after a power cut at this instant, whatever part of the pending writes survives. */
async function journalsAfterCut(disk: CrashDisk): Promise<(string[] | 'unreadable')[]> {
  const read = async (left: Survivors) => {
    const entries = await changeJournal(diskStore(crashDisk({ left })).journal, plainSeal).read();
    return entries === 'unreadable' ? entries : entries.map(({ phase, to }) => `${phase} ${to.key}`);
  };
  return Promise.all(disk.crashStates().map(read));
}

describe('a disk that fails', () => {
  const failures = diskFaults.flatMap((code) =>
    Array.from({ length: 24 }, (_, call) => call + 1).flatMap((from) => [
      { code, from, to: from },
      { code, from, to: Number.POSITIVE_INFINITY },
    ]),
  );

  it('lets no change begin whose way back is not on flash, at whichever call it fails, once or for good', async () => {
    let begun = 0;
    for (const failure of failures) {
      const flash = crashDisk();
      await settle(keeperOn(flash).keeper);
      const { keeper, clock } = keeperOn(failingDisk(flash, failure));
      await keeper.start();
      await keeper.welcomed(true);
      for (let look = 0; look < 6; look += 1) {
        const aim = await keeper.aim(wantedOf('better', 2), seen);
        const journals = await journalsAfterCut(flash);
        if (aim.configuration.key === 'better') {
          begun += 1;
          for (const entries of journals) expect(entries, JSON.stringify(failure)).toEqual(['applying better']);
        } else {
          expect(aim).toMatchObject({ configuration: { key: 'good' }, phase: 'refused', refusal: { code: 'transaction.no-journal' } });
        }
        await keeper.looked('m1', underway);
        await clock.advance(minutes(0.4));
      }
    }
    expect(begun).toBeGreaterThan(failures.length);
  });

  it('leaves a way back wherever it fails in the middle of a change, and whenever the power goes after that', async () => {
    for (const failure of failures) {
      const flash = crashDisk();
      await settle(keeperOn(flash).keeper);
      const { keeper } = keeperOn(failingDisk(flash, failure));
      await keeper.start();
      if ((await keeper.aim(wantedOf('better', 2), seen)).configuration.key !== 'better') continue;
      await confirmOpen(keeper);
      for (const left of flash.crashStates()) {
        const { keeper: next } = keeperOn(crashDisk({ left }), { bootId: 'boot-2' });
        await next.start();
        const { configuration: at } = await next.aim(wantedOf('better', 2), seen);
        // Either the commit is known, or the way back is.
        const known = next.knownGoodAt(place)?.key;
        expect(['good', 'better']).toContain(known);
        expect(at.key, JSON.stringify(failure)).toBe(known);
      }
    }
  });

  it('is told once, and tried again with growing pauses until it works', async () => {
    const flash = crashDisk();
    await settle(keeperOn(flash).keeper);
    const disk = failingDisk(flash, { from: 1, to: 12, code: 'ENOSPC' });
    const { keeper, clock, told } = keeperOn(disk);
    await keeper.start();
    const triedAt: number[] = [];
    for (let second = 0; second < 14_400 && keeper.openAt('m1') === null; second += 5) {
      const before = disk.calls();
      await keeper.aim(wantedOf('better', 2), seen);
      if (disk.calls() > before) triedAt.push(second);
      await clock.advance(5_000);
    }
    expect(told).toEqual(['disk.failing the journal of a change: ENOSPC']);
    const pauses = triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0));
    expect(triedAt.length).toBeLessThan(16);
    expect(Math.max(...pauses)).toBeGreaterThanOrEqual(600);
    expect(keeper.openAt('m1')).not.toBeNull();
  });

  it('keeps a commit in the journal until the known good is on flash', async () => {
    const flash = crashDisk();
    await settle(keeperOn(flash).keeper);
    const journalled = () => diskStore(flash).journal.read();
    let broken = false;
    const disk: Disk = {
      ...flash,
      create: (name, content) => (broken && name.startsWith('keepsakes') ? Promise.reject(fullDisk()) : flash.create(name, content)),
    };
    const { keeper, clock, told } = keeperOn(disk);
    await keeper.start();
    await keeper.aim(wantedOf('better', 2), seen);
    broken = true;
    await confirmOpen(keeper);
    expect(keeper.openAt('m1')).toBeNull();
    expect(keeper.knownGoodAt(place)?.key).toBe('better');
    expect(await journalled()).toMatch(/"phase":"confirmed"/);
    expect(told).toContain('disk.failing what was known good: store.write-failed');
    // The next start makes the commit good from the journal.
    for (const left of flash.crashStates()) {
      const { keeper: next } = keeperOn(crashDisk({ left }), { bootId: 'boot-2' });
      await next.start();
      expect(next.knownGoodAt(place)?.key).toBe('better');
    }
    // And this one does when the disk works again.
    broken = false;
    await clock.advance(minutes(1));
    await keeper.looked('m1', agrees);
    expect(await journalled()).toBe('closed');
  });

  it('forbids a restart of the host that is part of the plan, while it cannot be declared', async () => {
    const flash = crashDisk();
    await settle(keeperOn(flash).keeper);
    const disk = failingDisk(flash, { from: 2, to: Number.POSITIVE_INFINITY, code: 'EROFS' });
    const { keeper } = keeperOn(disk);
    await keeper.start();
    expect(await keeper.declareReboot(true)).toBe(true);
    await keeper.aim(wantedOf('better', 2), seen);
    expect(keeper.openAt('m1')).not.toBeNull();
    expect(await keeper.declareReboot(true)).toBe(false);
  });
});

const fullDisk = () => Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });

describe('an open change at the next start', () => {
  let flash: CrashDisk;
  beforeEach(async () => {
    flash = crashDisk();
    const { keeper } = keeperOn(flash);
    await settle(keeper);
    await keeper.aim(wantedOf('better', 2), seen);
  });

  const aimAfter = async (bootIds: readonly string[]) => {
    let key = '';
    for (const bootId of bootIds) {
      const { keeper } = keeperOn(flash, { bootId });
      await keeper.start();
      ({ key } = (await keeper.aim(wantedOf('better', 2), seen)).configuration);
    }
    return key;
  };

  it('goes on where only the process restarted, and only goes back after the third time', async () => {
    expect(await aimAfter(['boot-1', 'boot-1'])).toBe('better');
    expect(await aimAfter(['boot-1'])).toBe('good');
    expect(await aimAfter(['boot-1', 'boot-1', 'boot-1'])).toBe('good');
  });

  it('goes on however often the process was restarted in order', async () => {
    for (let start = 0; start < 6; start += 1) {
      const { keeper } = keeperOn(flash);
      await keeper.start();
      expect((await keeper.aim(wantedOf('better', 2), seen)).configuration.key).toBe('better');
      await keeper.stop();
    }
  });

  it('goes back at once where the host restarted and nobody had declared it', async () => {
    expect(await aimAfter(['boot-2'])).toBe('good');
  });

  it('goes on where it was declared, once', async () => {
    const { keeper } = keeperOn(flash);
    await keeper.start();
    expect(await keeper.declareReboot(true)).toBe(true);
    expect(await aimAfter(['boot-2'])).toBe('better');
    expect(await aimAfter(['boot-3'])).toBe('good');
  });

  it('does not where it was taken back', async () => {
    const { keeper } = keeperOn(flash);
    await keeper.start();
    await keeper.declareReboot(true);
    await keeper.declareReboot(false);
    expect(await aimAfter(['boot-2'])).toBe('good');
  });
});

describe('what a change costs flash', () => {
  const run = async (disk: CountingDisk) => {
    const { keeper } = keeperOn(disk);
    await settle(keeper);
    const first = disk.octets();
    await keeper.aim(wantedOf('better', 2), seen);
    await confirmOpen(keeper);
    return { first, second: disk.octets() - first, keeper };
  };

  it('is 64 KiB at most for the first, which makes room for the journal, and an eighth of that for each that follows', async () => {
    const { first, second } = await run(countingDisk(crashDisk()));
    expect(first).toBeLessThanOrEqual(65_536);
    expect(second).toBeLessThanOrEqual(8_192);
  });

  it('is nothing while nothing changes, however often is looked', async () => {
    const disk = countingDisk(crashDisk());
    const { keeper } = await run(disk);
    const before = disk.calls();
    for (let look = 0; look < 100; look += 1) {
      await keeper.aim(wantedOf('better', 2), seen);
      await keeper.looked('m1', agrees);
      await keeper.welcomed(true);
    }
    expect(disk.calls()).toBe(before);
  });
});

describe('a modem that was gone when the agent started', () => {
  it('keeps another from its change until its own has had its time, and no longer', async () => {
    const flash = crashDisk();
    const { keeper: before, clock } = keeperOn(flash);
    await settle(before);
    await before.aim(wantedOf('better', 2), seen);
    const { keeper } = keeperOn(flash, { clock });
    await keeper.start();
    await keeper.welcomed(true);
    const other = { ...wantedOf('better', 2), modem: 'm2', iccid: '8989' };
    const standing = { ...seen, found: wantedOf('good', 1).configuration };
    expect(await keeper.aim(other, standing)).toMatchObject({ configuration: { key: 'good' }, phase: 'under-way' });
    await clock.advance(seen.budgetMs);
    expect(await keeper.aim(other, standing)).toMatchObject({ configuration: { key: 'better' }, phase: 'under-way' });
    expect(keeper.openAt('m1')).toMatchObject({ phase: 'reverting' });
  });
});

describe('an obstacle that comes up while a change is under way', () => {
  const isUnderWay = async (target: string) => {
    let obstacle: Refusal | null = null;
    const { keeper } = keeperOn(crashDisk(), { obstacle: () => obstacle });
    await settle(keeper);
    await keeper.aim(wantedOf('better', 2), seen);
    obstacle = { code: 'transaction.too-hot', evidence: [] };
    await keeper.aim(wantedOf(target, 3), seen);
    return keeper.openAt('m1')?.phase;
  };

  it('takes it back where a newer target asks for something else', async () => {
    expect(await isUnderWay('other')).toBe('reverting');
  });

  it('is none where a newer version asks for the same', async () => {
    expect(await isUnderWay('better')).toBe('applying');
  });

  it('is none to a gateway that has nothing to lose', async () => {
    let obstacle: Refusal | null = null;
    const { keeper } = keeperOn(crashDisk(), { obstacle: () => obstacle });
    await keeper.start();
    await keeper.welcomed(true);
    await keeper.aim(wantedOf('first', 1), seen);
    obstacle = { code: 'transaction.too-hot', evidence: [] };
    await keeper.aim(wantedOf('other', 2), seen);
    expect(keeper.openAt('m1')).toMatchObject({ phase: 'applying', to: { key: 'other' } });
  });
});
