import { readdirSync, readFileSync } from 'node:fs';
import { rounded } from '../figures.ts';

/** Processor time that processes have used, microseconds. */
export interface CpuTime {
  /** Programs on Node. */
  readonly node: number;
  readonly postgres: number;
}

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on (sysconf _SC_CLK_TCK). */
const tickUs = 10_000;

interface ProcessStat {
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

/** Of a process and all below it. */
export function cpuTime(pid: number): CpuTime {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readStat(Number(name)) ?? []) : []));
  const members = family(pid, all);
  const sum = (wanted: boolean) =>
    members.filter(({ name }) => (name === 'postgres') === wanted).reduce((total, { cpuUs }) => total + cpuUs, 0);
  return { node: sum(false), postgres: sum(true) };
}

/** What was used between, for each of `count`. */
export const cpuTimeEach = (from: CpuTime, to: CpuTime, count: number): CpuTime => ({
  node: rounded((to.node - from.node) / count, 1),
  postgres: rounded((to.postgres - from.postgres) / count, 1),
});
