import { describe, expect, it } from 'vitest';
import type { Disk } from './runtime/storage/disk.ts';
import { diskStore } from './runtime/storage/disk-store.ts';
import { codesOf, lastState, minutes, settledWorld } from './testing/change-worlds.ts';
import { type CrashDisk, crashDisk } from './testing/crash-disk.ts';
import { countingDisk, diskFaults, failingDisk } from './testing/failing-disk.ts';
import { documentOf, rule, type World } from './testing/world.ts';

const apnOf = ({ agent }: World) => agent.views()[0]?.observed.context?.apn;

/** A disk that can be replaced under a running agent. */
function movableDisk(first: Disk): Disk & { use(disk: Disk): void } {
  let disk = first;
  return {
    use: (next) => void (disk = next),
    read: (name) => disk.read(name),
    create: (name, content) => disk.create(name, content),
    overwrite: (name, content) => disk.overwrite(name, content),
    rename: (from, to) => disk.rename(from, to),
    syncDirectory: () => disk.syncDirectory(),
  };
}

/** Whether the journal is open after a power cut now, whatever survives. */
async function isJournalled(flash: CrashDisk): Promise<boolean> {
  const bodies = await Promise.all(flash.crashStates().map((left) => diskStore(crashDisk({ left })).journal.read()));
  return bodies.every((body) => body !== null && body !== 'closed');
}

describe('what a change costs flash, all in all', () => {
  it('is 64 KiB at most, with the target, the known good, the journal and the reports; and nothing while it only stands', async () => {
    const disk = countingDisk(crashDisk());
    const world = await settledWorld({ store: diskStore(disk) });
    expect(disk.octets()).toBeLessThanOrEqual(65_536);
    const before = disk.octets();
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(5));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
    expect(disk.octets() - before).toBeLessThanOrEqual(65_536 / 2);
    const standing = disk.octets();
    await world.clock.advance(minutes(8 * 60));
    expect(disk.octets()).toBe(standing);
    await world.halt();
  });
});

describe('a disk that fails under a running agent', () => {
  /** The n-th call of the change fails, and all after it when it fails for good. */
  async function changed(from: number, lasting: boolean) {
    const flash = crashDisk();
    const disk = movableDisk(flash);
    const world = await settledWorld({ store: diskStore(disk) });
    disk.use(failingDisk(flash, { from, to: lasting ? Number.POSITIVE_INFINITY : from, code: diskFaults[from % 4] ?? 'EIO' }));
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(3));
    return { world, flash };
  }

  it.each([false, true])('lets no step touch the link before the journal is on flash; for good: %s', async (lasting) => {
    let begun = 0;
    for (let from = 1; from <= 12; from += 1) {
      const { world, flash } = await changed(from, lasting);
      const wasTouched = apnOf(world) === 'fleet.north';
      if (wasTouched) {
        begun += 1;
        expect(await isJournalled(flash), `call ${from}`).toBe(true);
      } else {
        expect(lastState(world)).toMatchObject({
          target: { status: 'failed', fault: { code: 'transaction.no-journal' } },
          modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south' } }],
        });
        expect(codesOf(world)).toContain('disk.failing');
      }
      await world.halt();
    }
    expect(begun).toBeGreaterThan(0);
  });
});

describe('a clock that jumps in the middle of a change', () => {
  it('neither ends it nor makes it last: only time that passes does', async () => {
    const world = await settledWorld();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(2));
    world.clock.jumpWall(Date.UTC(2038, 0, 1));
    await world.clock.advance(minutes(1));
    expect(apnOf(world)).toBe('fleet.north');
    world.clock.jumpWall(0);
    await world.clock.advance(minutes(100));
    expect(lastState(world)).toMatchObject({ target: { status: 'reverted', fault: { code: 'transaction.unconfirmed' } } });
    await world.halt();
  });
});
