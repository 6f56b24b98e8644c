import { readdirSync, readFileSync } from 'node:fs';
import { waitUntil } from '@towline/demo';

/** A process of this machine as /proc tells it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly words: readonly string[];
}

function readEntry(pid: number): ProcessEntry | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything: what counts stands after the last one (proc(5)).
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return null;
    return {
      pid,
      parent: Number(parent),
      words: readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        .split('\0')
        .filter((word) => word !== ''),
    };
  } catch {
    return null;
  }
}

const isNumber = (name: string) => /^\d+$/.test(name);

function everyProcess(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter(isNumber)
    .flatMap((name) => readEntry(Number(name)) ?? []);
}

/** Processes right below `parent`. */
export const childrenOf = (parent: number): ProcessEntry[] => everyProcess().filter((entry) => entry.parent === parent);

/** Processes whose environment names this. */
export function processesKnowing(text: string): ProcessEntry[] {
  const knows = (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(text);
    } catch {
      return false;
    }
  };
  return everyProcess().filter(({ pid }) => knows(pid));
}

/** Whether it runs; one that ended and waits to be read does not. */
export const isRunning = (pid: number): boolean => readEntry(pid) !== null;

/** Sends a signal; a process that is gone already is no fault. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // ESRCH: it is what the caller wanted of KILL and TERM, and nothing to stop or continue is left.
  }
}

/** `kill -9`, and waits until it is gone. */
export async function killNow(pid: number): Promise<void> {
  signal(pid, 'SIGKILL');
  await waitUntil(`process ${pid} to be gone`, () => (isRunning(pid) ? null : true), { timeoutMs: 10_000, everyMs: 10 });
}
