import type { Disk } from '../runtime/storage/disk.ts';

/** What a file system says when it is full, broken, mounted anew for reading only, or over its quota. */
export const diskFaults = ['ENOSPC', 'EIO', 'EROFS', 'EDQUOT'] as const;

interface Failing {
  /** Numbers of the first and the last call that fail, counted from one; reading is not counted. */
  readonly from: number;
  readonly to: number;
  readonly code: (typeof diskFaults)[number];
}

export interface CountingDisk extends Disk {
  calls(): number;
  /** Octets written so far. */
  octets(): number;
}

/** A disk of which some calls fail. */
export function failingDisk(disk: Disk, { from, to, code }: Failing): CountingDisk {
  let calls = 0;
  let octets = 0;
  const guard = async (work: () => Promise<void>, size = 0): Promise<void> => {
    calls += 1;
    if (calls >= from && calls <= to) throw Object.assign(new Error(code), { code });
    octets += size;
    await work();
  };
  return {
    calls: () => calls,
    octets: () => octets,
    read: (name) => disk.read(name),
    create: (name, content) => guard(() => disk.create(name, content), content.length),
    overwrite: (name, content) => guard(() => disk.overwrite(name, content), content.length),
    rename: (before, after) => guard(() => disk.rename(before, after)),
    syncDirectory: () => guard(() => disk.syncDirectory()),
  };
}

/** A disk that only counts. */
export const countingDisk = (disk: Disk): CountingDisk => failingDisk(disk, { from: 1, to: 0, code: 'EIO' });
