import { Fault, faultText } from '@towline/kit';
import type { Guest } from '../guest/guest.ts';
import { patience, waitFor } from '../patience.ts';

/**
 * Raw before the first byte, also where the kernel began the tty anew since it was looked for; without that it is not opened, since the shell
 * would make a file where there is no node. Reads until a final result of V.250; whatever else comes is printed.
 */
const script = `
stty -F "$1" raw -echo clocal || exit 2
exec 3<>"$1"
printf '%s\\r' "$2" >&3
while IFS= read -r -t "$3" line <&3; do
  line=\${line%$'\\r'}
  [ -n "$line" ] && printf '%s\\n' "$line"
  case $line in OK|ERROR|'+CME ERROR'*|'NO CARRIER'|CONNECT*) exit 0;; esac
done
exit 1
`;

/** Time for each line of an answer. */
const lineMs = 10_000;

/** Sends one command line by hand and gives what came up to its final result, without empty lines. @throws Fault `modem.silent` */
export async function askModem(guest: Guest, tty: string, command: string): Promise<string[]> {
  const timeoutS = Math.ceil(patience(lineMs) / 1000);
  const { code, out, err } = await guest.run(['bash', '-c', script, 'at', tty, command, String(timeoutS)], {
    timeoutMs: (timeoutS + 20) * 1000,
  });
  if (code !== 0) throw new Fault('modem.silent', `${command} on ${tty}: no final result; ${out}${err}`);
  return out.split('\n').filter(Boolean);
}

const registeredMs = 90_000;

/** Waits until the network has taken the modem in: TS 27.007 clause 10.1.22, status 1 or 5. */
export async function untilRegistered(guest: Guest, tty: string): Promise<void> {
  let last: readonly string[] = [];
  const look = async () => {
    last = await askModem(guest, tty, 'AT+CEREG?');
    return last.some((line) => /\+CEREG: \d,[15]/.test(line)) ? true : null;
  };
  await waitFor('registration', look, { timeoutMs: registeredMs, everyMs: 500 }).catch((error: unknown) => {
    throw new Fault('story.untrue', `${faultText(error)}; the modem says ${last.join(' / ')}`);
  });
}
