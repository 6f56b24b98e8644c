import { type CrashDisk, crashDisk, type Disk, type Forgotten, type Survivors } from '@towline/agent/testing';
import { Fault, type Random } from '@towline/kit';
import type { Points } from './points.ts';
import type { ProcessLife } from './process-life.ts';

export type DiskError = 'ENOSPC' | 'EIO' | 'EROFS' | 'EDQUOT';

/** The flash of a gateway: it outlives processes, and a power cut leaves of it what no sync had made certain. */
export class Flash {
  /** What every write gives from now on; null: it takes them. */
  failing: DiskError | null = null;
  private readonly points: Points;
  private readonly forgets: Forgotten | undefined;
  private readonly atFirst: Survivors;
  private disk: CrashDisk;

  constructor(points: Points, { left, forgets }: { left: Survivors; forgets: Forgotten | undefined }) {
    this.points = points;
    this.forgets = forgets;
    this.atFirst = left;
    this.disk = this.mount(left);
  }

  /** The power goes: of what was not certain, chance decides. */
  lose(random: Random): void {
    this.disk = this.mount(this.disk.crashState(() => random.next()));
  }

  /** The host shuts down: everything is written out. */
  sync(): void {
    this.disk = this.mount(this.contents());
  }

  contents(): Survivors {
    return this.disk.contents();
  }

  /** Whether a file holds something else than when the world began, whatever a power cut at this instant would leave of the latest writes. */
  hasReplaced(name: string): boolean {
    const before = Buffer.from(this.atFirst.get(name) ?? []);
    return this.disk.crashStates().every((left) => !before.equals(left.get(name) ?? before));
  }

  /** As one process sees it. A full disk still takes what needs no room. */
  port(life: ProcessLife): Disk {
    const writing = (what: string, needsRoom: boolean, effect: () => Promise<void>) =>
      life.call(`disk ${what}`, () => {
        const { failing } = this;
        const isRoomy = !needsRoom && (failing === 'ENOSPC' || failing === 'EDQUOT');
        if (failing !== null && !isRoomy) throw new Fault(failing, failing);
        return effect();
      });
    return {
      read: (name) => life.call(`disk read ${name}`, () => this.disk.read(name)),
      create: (name, content) => writing(`create ${name}`, true, () => this.disk.create(name, content)),
      overwrite: (name, content) => writing(`overwrite ${name}`, false, () => this.disk.overwrite(name, content)),
      rename: (from, to) => writing(`rename ${to}`, false, () => this.disk.rename(from, to)),
      syncDirectory: () => writing('sync directory', false, () => this.disk.syncDirectory()),
    };
  }

  private mount(left: Survivors): CrashDisk {
    return crashDisk({
      left,
      ...(this.forgets ? { forgets: this.forgets } : {}),
      watch: () => this.points.reach('disk between write and sync'),
    });
  }
}
