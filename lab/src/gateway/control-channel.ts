import type { Guest } from '../guest/guest.ts';
import { waitFor } from '../patience.ts';
import { must } from './expect.ts';

const appearMs = 60_000;
/** Cat-M takes longest to be found. */
const registerMs = 120_000;

/** Control channel of a modem (`/dev/cdc-wdm0` or another), found by its interface number; its node in devtmpfs comes after its name in sysfs. */
export async function controlOf(guest: Guest, usbPath: string, number: number): Promise<string> {
  const look = async () => {
    const name = (await guest.list(`/sys/bus/usb/devices/${usbPath}:1.${number}/usbmisc`))?.[0];
    if (name === undefined) return null;
    return (await guest.list('/dev'))?.includes(name) ? name : null;
  };
  return `/dev/${await waitFor(`a control channel on interface ${number} of ${usbPath}`, look, { timeoutMs: appearMs, everyMs: 200 })}`;
}

/** The value behind `name:` in a tool's output, its quotes taken off; empty when there is none. */
export function valueOf(text: string, name: string): string {
  const line = text.split('\n').find((one) => one.trim().startsWith(`${name}:`)) ?? '';
  return line
    .slice(line.indexOf(':') + 1)
    .trim()
    .replaceAll("'", '');
}

/** Asks a tool again and again until what it says about the registration is `registered`. */
export async function untilRegisteredBy(guest: Guest, argv: readonly string[], registered: RegExp): Promise<void> {
  let last = '';
  const look = async () => {
    const { out, err } = await guest.run(argv);
    last = `${out}${err}`;
    return registered.test(last) ? true : null;
  };
  await waitFor(`registration by ${argv[0]}`, look, { timeoutMs: registerMs, everyMs: 500 }).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : String(error)}; it said: ${last.slice(-500)}`);
  });
}

export interface HostAddress {
  /** With its prefix length. */
  readonly address: string;
  readonly gateway: string;
  readonly resolver: string;
}

/** Gives an interface its address, and a way to the operator's resolver over it alone. */
export async function addressBy(guest: Guest, over: string, { address, gateway, resolver }: HostAddress): Promise<void> {
  await must(guest, ['ip', 'link', 'set', over, 'up']);
  await must(guest, ['ip', 'address', 'replace', address, 'dev', over]);
  const via = gateway === '' ? [] : ['via', gateway];
  await must(guest, ['ip', 'route', 'replace', `${resolver}/32`, ...via, 'dev', over]);
}
