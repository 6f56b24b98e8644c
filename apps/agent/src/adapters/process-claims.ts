import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { faultCode } from '@towline/kit';

/** Something that one process may have at a time was asked for. */
export type Claiming = { readonly ok: true; release(): void } | { readonly ok: false; readonly pid: number };

/** Claims of processes on things named by a text, such as a tty. Held as long as the process lives, whatever ends it. */
export interface Claims {
  /** Makes a claim; what this process has already it gets again. */
  claim(name: string): Claiming;
  /** The process that holds it, this one left out; null: nobody does. */
  holder(name: string): number | null;
}

interface Process {
  readonly boot: string;
  readonly pid: number;
  /** Clock ticks from boot to its start, which tells it from a later process of the same number. */
  readonly started: string;
}

const anotherBoot = 'unknown';

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  } catch {
    return anotherBoot;
  }
}

/** Start of a process by its stat line; null for one that has ended and only waits to be reaped. proc(5): field 2 may hold blanks and brackets, 3 is the state, 22 the start. */
export function startOf(stat: string): string | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return faultCode(error) !== 'ESRCH';
  }
}

function lives({ boot, pid, started }: Process): boolean {
  if (boot !== bootId() || !exists(pid)) return false;
  try {
    return startOf(readFileSync(`/proc/${pid}/stat`, 'utf8')) === started;
  } catch {
    // Hidden from us (hidepid), yet there: rather one refusal too many than two agents on one modem.
    return exists(pid);
  }
}

function self(): Process {
  return { boot: bootId(), pid: process.pid, started: startOf(readFileSync('/proc/self/stat', 'utf8')) ?? '0' };
}

const textOf = ({ boot, pid, started }: Process) => `${boot}-${pid}-${started}`;
const pattern = /^(.+)\.claim-([0-9a-z]+)-(\d+)-(\d+)$/;

function claimOf(file: string): { readonly name: string; readonly by: Process } | null {
  const [, name, boot, pid, started] = pattern.exec(file) ?? [];
  return name && boot && pid && started ? { name, by: { boot, pid: Number(pid), started } } : null;
}

/**
 * Claims as empty files in a directory, the process in the file's name: there is no content to be half written, and a file of a dead
 * process can be removed by anybody, since no other process will ever have its name. Each claims before it looks, so of two that
 * start together never both go on; it may happen that neither does, and whoever runs them starts them again.
 */
export function processClaims(directory: string): Claims {
  const path = (file: string) => join(directory, file);

  function remove(file: string): void {
    try {
      rmSync(path(file), { force: true });
    } catch {
      // Another user's, in a directory that lets only its owner remove it: of a dead process, it counts for nothing either way.
    }
  }

  /** Gives what takes it back. A host that takes no file has nobody refused by us, and us by nobody's fault. */
  function written(file: string): () => void {
    try {
      closeSync(openSync(path(file), 'a', 0o600));
      return () => remove(file);
    } catch {
      return () => {};
    }
  }

  /** Clears away what the dead left, whatever it was. */
  function holder(name: string): number | null {
    const mine = textOf(self());
    let found: number | null = null;
    for (const file of readdirSync(directory)) {
      const claim = claimOf(file);
      if (!claim || textOf(claim.by) === mine) continue;
      if (!lives(claim.by)) remove(file);
      else if (claim.name === name) found = claim.by.pid;
    }
    return found;
  }

  return {
    holder(name) {
      try {
        return holder(name);
      } catch {
        return null;
      }
    },
    claim(name) {
      const release = written(`${name}.claim-${textOf(self())}`);
      const pid = this.holder(name);
      if (pid === null) return { ok: true, release };
      release();
      return { ok: false, pid };
    },
  };
}
