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

/** Processes right below `parent`. */
export function childrenOf(parent: number): ProcessEntry[] {
  const entries = readdirSync('/proc')
    .filter(isNumber)
    .map((name) => readEntry(Number(name)));
  return entries.filter((entry) => entry?.parent === parent).filter((entry) => entry !== null);
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
