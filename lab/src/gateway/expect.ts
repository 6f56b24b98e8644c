import { Fault } from '@towline/kit';
import type { Guest, ProgramResult } from '../guest/guest.ts';
import { patience, waitFor } from '../patience.ts';

/** @throws Fault `story.untrue` with what was there instead */
export function claim(what: string, isTrue: boolean, instead: unknown = ''): void {
  if (!isTrue)
    throw new Fault('story.untrue', `not so: ${what}; instead: ${typeof instead === 'string' ? instead : JSON.stringify(instead)}`);
}

/** Runs a program that has to succeed, and gives its output. @throws Fault `story.untrue` with what it complained */
export async function must(guest: Guest, argv: readonly string[], timeoutMs = patience(60_000)): Promise<string> {
  const { code, signal, isTimedOut, out, err }: ProgramResult = await guest.run(argv, { timeoutMs });
  const how = isTimedOut ? `no end within ${timeoutMs / 1000} s` : `ended with ${code ?? signal}`;
  claim(`${argv.join(' ')} succeeds`, code === 0, `${how}: ${out}${err}`.slice(0, 1500));
  return out;
}

/** Three echoes over one interface, as the field reports test a link, once the first has come back: ARP gives up after three seconds, which a busy machine needs. */
export async function ping(guest: Guest, address: string, over: string): Promise<void> {
  const echo = async (count: number) => guest.run(['busybox', 'ping', '-c', String(count), '-W', '5', '-I', over, address]);
  await waitFor(`an echo of ${address} over ${over}`, async () => ((await echo(1)).code === 0 ? true : null), { timeoutMs: 20_000 });
  const { code, out, err } = await echo(3);
  claim(`${address} answers echoes over ${over}`, code === 0, out + err);
}
