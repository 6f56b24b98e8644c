import { Fault } from '@towline/kit';
import type { Guest, ProgramResult } from '../guest/guest.ts';

/** @throws Fault `story.untrue` with what was there instead */
export function claim(what: string, isTrue: boolean, instead: unknown = ''): void {
  if (!isTrue)
    throw new Fault('story.untrue', `not so: ${what}; instead: ${typeof instead === 'string' ? instead : JSON.stringify(instead)}`);
}

/** Runs a program that has to succeed, and gives its output. @throws Fault `story.untrue` with what it complained */
export async function must(guest: Guest, argv: readonly string[], timeoutMs = 60_000): Promise<string> {
  const { code, signal, isTimedOut, out, err }: ProgramResult = await guest.run(argv, { timeoutMs });
  const how = isTimedOut ? `no end within ${timeoutMs / 1000} s` : `ended with ${code ?? signal}`;
  claim(`${argv.join(' ')} succeeds`, code === 0, `${how}: ${out}${err}`.slice(0, 1500));
  return out;
}

/** Three echoes over one interface, as the seeds test a link. */
export async function ping(guest: Guest, address: string, over: string): Promise<void> {
  await must(guest, ['busybox', 'ping', '-c', '3', '-W', '5', '-I', over, address]);
}
