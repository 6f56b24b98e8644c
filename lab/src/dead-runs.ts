import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { places } from './places.ts';

const prefix = 'towline-lab-';

/** Begins the names of what a run keeps outside of its folder of logs. @param pid of the process that the run began with, as the host counts */
export const nameOfRun = (pid: number): string => `${prefix}${pid}-`;

/** Those of these names that a run left behind which was killed. */
export function deadRuns(names: readonly string[], isAlive: (pid: number) => boolean): readonly string[] {
  return names.filter((name) => {
    const pid = /^towline-lab-(\d+)-/.exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  });
}

/** Takes away what killed runs left: their control plane's data and their agent. Not from inside a run, where processes have other numbers. */
export function clearDeadRuns(): void {
  const isAlive = (pid: number) => existsSync(`/proc/${pid}`);
  for (const directory of [tmpdir(), places.runs]) {
    const names = existsSync(directory) ? readdirSync(directory) : [];
    for (const name of deadRuns(names, isAlive)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}
