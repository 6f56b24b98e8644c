import { type Clock, sleep } from '@towline/kit';
import type { HostFiles, ProcessRunner } from '../ports.ts';
import type { PppdPlace } from './pppd-options.ts';

const polls = 5;
const pollMs = 1000;

/** The number of a pppd of ours that an agent before this one left running; null: there is none. */
async function stalePid(files: HostFiles, { linkName, directory }: PppdPlace): Promise<string | null> {
  const pid = (await files.read(`/run/ppp-${linkName}.pid`).catch(() => null))?.split('\n')[0]?.trim() ?? '';
  if (!/^\d{1,7}$/.test(pid)) return null;
  // The file may be older than the process that has the number now.
  const command = (await files.read(`/proc/${pid}/cmdline`).catch(() => null)) ?? '';
  return command.split('\0').some((word) => word.includes('pppd')) && command.includes(`${directory}/`) ? pid : null;
}

/** TERM, five looks a second apart, then KILL: an agent that was killed leaves its pppd behind, and that one holds the port. */
export async function endStalePppd(
  host: { readonly processes: ProcessRunner; readonly files: HostFiles; readonly clock: Clock },
  place: PppdPlace,
): Promise<void> {
  const pid = await stalePid(host.files, place);
  if (pid === null) return;
  const signal = (name: string) => host.processes.run(['kill', `-${name}`, pid], { timeoutMs: 5_000, maxOutputBytes: 1024 });
  await signal('TERM');
  for (let poll = 0; poll < polls; poll += 1) {
    if ((await stalePid(host.files, place)) !== pid) return;
    await sleep(host.clock, pollMs);
  }
  await signal('KILL');
}
