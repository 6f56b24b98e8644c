import { readFileSync } from 'node:fs';

/** Bytes of memory that a process has made its own (proc(5), smaps_rollup): what it costs beside the pages that it shares with other programs. */
export function privateDirtyBytes(pid: number): number {
  const kilobytes = /^Private_Dirty:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return Number(kilobytes ?? Number.NaN) * 1024;
}
