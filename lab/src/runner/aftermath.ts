import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultText } from '@towline/kit';
import type { Site } from '../gateway/site.ts';
import type { Guest } from '../guest/guest.ts';

/** What tells most of a gateway that did not do what it should. */
const questions: readonly (readonly string[])[] = [
  ['ip', '-d', 'address'],
  ['ip', 'rule'],
  ['ip', 'route', 'show', 'table', 'all'],
  ['ip', '-6', 'route', 'show', 'table', 'all'],
  ['ps', '-e', '-o', 'pid,ppid,etimes,args'],
  ['sh', '-c', 'ls -l /dev/ttyUSB* /dev/cdc-wdm* /dev/ttyACM* 2>/dev/null; ls /run/towline; cat /run/towline/resolvers/* 2>/dev/null'],
  ['ss', '-a', '-n', '-t', '-u', '-p'],
];

const eachMs = 20_000;

/** The answers up to the first that does not come: a guest that is gone answers none of the others either. */
async function askGuest(guest: Guest): Promise<string[]> {
  const answers: string[] = [];
  for (const argv of questions) {
    try {
      const { out, err } = await guest.run(argv, { timeoutMs: eachMs });
      answers.push(`$ ${argv.join(' ')}\n${out}${err}`);
    } catch (error) {
      return [...answers, `$ ${argv.join(' ')}\n${faultText(error)}`];
    }
  }
  return answers;
}

/** Asks the guest of a failed story how it stands, as far as it still answers, and writes it down with what the control plane said. */
export async function writeAftermath(guest: Guest, site: Site, directory: string): Promise<void> {
  const bearers = `bearers in the core:\n${JSON.stringify(site.core.traffic(), null, 2)}`;
  writeFileSync(join(directory, 'aftermath.txt'), [...(await askGuest(guest)), bearers].join('\n'));
  if (existsSync(site.controlPlaneLog)) copyFileSync(site.controlPlaneLog, join(directory, 'control-plane.log'));
}
