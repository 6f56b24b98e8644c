import { Fault } from '@towline/kit';
import type { Disk } from '../runtime/storage/disk.ts';

/** What a disk may be made to forget, to show that a test would notice. */
export type Forgotten = 'sync-of-create' | 'sync-of-overwrite' | 'sync-of-directory';

interface Inode {
  /** On the medium, whatever happens. */
  durable: Uint8Array;
  /** Written since the last sync: any subset survives, each whole or torn. */
  pending: Uint8Array[];
}

type Names = ReadonlyMap<string, Inode>;
/** A change of the directory that may or may not survive. */
type NameChange = (names: Map<string, Inode>) => void;

/** The content of a directory after a crash. */
export type Survivors = ReadonlyMap<string, Uint8Array>;

export interface CrashDisk extends Disk {
  /** What a process reads now, and what an orderly shutdown leaves. */
  contents(): Survivors;
  /** Every content that a power cut at this instant may leave, each once. */
  crashStates(): Survivors[];
  /** One of them. @param draw gives numbers in [0, 1) */
  crashState(draw: () => number): Survivors;
}

const nothing = new Uint8Array(0);

/** Within the first line of a slot, and in the middle. */
const tears = (length: number) => [Math.min(30, Math.floor(length / 3)), Math.floor(length / 2)];

function writtenOver(before: Uint8Array, write: Uint8Array, { from = 0, to = write.length } = {}): Uint8Array {
  const after = new Uint8Array(Math.max(before.length, write.length));
  after.set(before);
  after.set(write.subarray(from, to), from);
  return after;
}

/** What may be left of a write: nothing of it, what comes before a tear, what comes behind it, or all. */
function outcomesOf(before: Uint8Array, write: Uint8Array): Uint8Array[] {
  const torn = tears(write.length).flatMap((at) => [writtenOver(before, write, { to: at }), writtenOver(before, write, { from: at })]);
  return [before, ...torn, writtenOver(before, write)];
}

const allOf = ({ durable, pending }: Inode) => pending.reduce((before, write) => writtenOver(before, write), durable);

function contentsOf({ durable, pending }: Inode): Uint8Array[] {
  return pending.reduce<Uint8Array[]>((contents, write) => contents.flatMap((before) => outcomesOf(before, write)), [durable]);
}

function oneOf(contents: readonly Uint8Array[], draw: () => number): Uint8Array {
  return contents[Math.floor(draw() * contents.length)] ?? nothing;
}

function subsetsOf<Member>(members: readonly Member[]): Member[][] {
  return members.reduce<Member[][]>((subsets, member) => subsets.flatMap((subset) => [subset, [...subset, member]]), [[]]);
}

function survivorsOf(names: Names): Survivors[] {
  let states: Map<string, Uint8Array>[] = [new Map()];
  for (const [name, inode] of names) {
    states = states.flatMap((state) => contentsOf(inode).map((content) => new Map([...state, [name, content]])));
  }
  return states;
}

const keyOf = (state: Survivors) =>
  [...state]
    .map(([name, content]) => `${name}=${Buffer.from(content).toString('base64')}`)
    .sort()
    .join('|');

/**
 * A disk in memory that promises no more than POSIX does: until a file is synced any part of what was written may survive, and until its
 * directory is synced any subset of its changed names (which is what ext4, f2fs and ubifs together allow).
 * @param left what an earlier crash left, all of it durable
 * @param watch called wherever a power cut may hit, before and after each call takes effect
 */
export function crashDisk(options: { left?: Survivors; forgets?: Forgotten; watch?: (disk: CrashDisk) => void } = {}): CrashDisk {
  const durableNames = new Map<string, Inode>([...(options.left ?? [])].map(([name, durable]) => [name, { durable, pending: [] }]));
  const names = new Map(durableNames);
  let changes: NameChange[] = [];

  const change = (apply: NameChange): void => {
    apply(names);
    changes.push(apply);
    options.watch?.(disk);
  };
  const sync = (inode: Inode, forgotten: Forgotten): void => {
    if (options.forgets !== forgotten) {
      inode.durable = allOf(inode);
      inode.pending = [];
    }
    options.watch?.(disk);
  };
  const inodeOf = (name: string): Inode => {
    const inode = names.get(name);
    if (!inode) throw new Fault('ENOENT', `${name} is not there`);
    return inode;
  };
  const disk: CrashDisk = {
    async read(name) {
      const inode = names.get(name);
      return inode ? allOf(inode) : null;
    },
    async create(name, content) {
      // Emptied or fresh: an inode of its own keeps apart what the name stood for before.
      const inode: Inode = { durable: nothing, pending: [content] };
      change((all) => all.set(name, inode));
      sync(inode, 'sync-of-create');
    },
    async overwrite(name, content) {
      const inode = inodeOf(name);
      inode.pending.push(content);
      options.watch?.(disk);
      sync(inode, 'sync-of-overwrite');
    },
    async rename(from, to) {
      const inode = inodeOf(from);
      change((all) => {
        if (all.get(from) === inode) all.delete(from);
        all.set(to, inode);
      });
    },
    async syncDirectory() {
      if (options.forgets !== 'sync-of-directory') {
        for (const apply of changes) apply(durableNames);
        changes = [];
      }
      options.watch?.(disk);
    },
    crashState(draw) {
      const after = new Map(durableNames);
      for (const apply of changes) if (draw() < 0.5) apply(after);
      return new Map([...after].map(([name, inode]) => [name, oneOf(contentsOf(inode), draw)]));
    },
    contents: () => new Map([...names].map(([name, inode]) => [name, allOf(inode)])),
    crashStates() {
      const states = subsetsOf(changes).flatMap((survived) => {
        const after = new Map(durableNames);
        for (const apply of survived) apply(after);
        return survivorsOf(after);
      });
      return [...new Map(states.map((state) => [keyOf(state), state])).values()];
    },
  };
  return disk;
}
