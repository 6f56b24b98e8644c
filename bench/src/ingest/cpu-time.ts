import { readdirSync, readFileSync } from 'node:fs';
import { rounded } from '../figures.ts';

/** Processor time, microseconds. */
export interface CpuTime {
  /** Programs on Node. */
  readonly node: number;
  readonly postgres: number;
}

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on (sysconf _SC_CLK_TCK). */
const tickUs = 10_000;

/** One process at one moment. */
export interface ProcessStat {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  readonly cpuUs: number;
}

/** proc(5): pid (name) state ppid …, utime and stime 14th and 15th. Null for a process that has just ended. */
function readStat(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, name, parent: Number(fields[1]), cpuUs: (Number(fields[11]) + Number(fields[12])) * tickUs };
  } catch {
    return null;
  }
}

function family(pid: number, all: readonly ProcessStat[]): ProcessStat[] {
  const self = all.filter((stat) => stat.pid === pid);
  return [...self, ...all.filter((stat) => stat.parent === pid).flatMap((child) => family(child.pid, all))];
}

/** What a process and all below it have used so far. */
export function cpuSnapshot(pid: number): readonly ProcessStat[] {
  return family(
    pid,
    readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readStat(Number(name)) ?? []) : [])),
  );
}

/** What was used between two snapshots, for each of `count`; processes that ended between are left out. */
export function cpuTimeEach(from: readonly ProcessStat[], to: readonly ProcessStat[], count: number): CpuTime {
  const before = new Map(from.map(({ pid, cpuUs }) => [pid, cpuUs]));
  const used = (postgres: boolean) =>
    to
      .filter(({ name }) => (name === 'postgres') === postgres)
      .reduce((total, { pid, cpuUs }) => total + cpuUs - (before.get(pid) ?? 0), 0);
  return { node: rounded(used(false) / count, 1), postgres: rounded(used(true) / count, 1) };
}
