import { Fault, faultText } from '@towline/kit';
import type { Guest } from '../guest/guest.ts';
import { waitFor } from '../patience.ts';

/** Kernel drivers that hold an interface of a modem. */
const drivers = ['option', 'qcserial', 'qmi_wwan', 'cdc_mbim', 'cdc_ether', 'rndis_host', 'cdc_ncm', 'cdc_acm'] as const;
export type KernelDriver = (typeof drivers)[number];

const enumerationMs = 60_000;

/** What the guest's sysfs says of the modem at `usbPath`: interface number → driver. */
export async function boundDrivers(guest: Guest, usbPath: string): Promise<Map<number, KernelDriver>> {
  const bound = new Map<number, KernelDriver>();
  for (const driver of drivers) {
    const names = (await guest.list(`/sys/bus/usb/drivers/${driver}`)) ?? [];
    for (const name of names) {
      const [path, place = ''] = name.split(':');
      if (path === usbPath) bound.set(Number(place.split('.')[1]), driver);
    }
  }
  return new Map([...bound].sort(([left], [right]) => left - right));
}

const textOf = (bound: ReadonlyMap<number, string>) => [...bound].map(([number, driver]) => `${number} ${driver}`).join(', ');

/** Waits until just these drivers hold just these interfaces. @throws Fault `wait.timeout` with what was there instead */
export async function untilBound(guest: Guest, usbPath: string, expected: ReadonlyMap<number, KernelDriver>): Promise<void> {
  let last = '';
  const look = async () => {
    last = textOf(await boundDrivers(guest, usbPath));
    return last === textOf(expected) ? true : null;
  };
  await waitFor(`interfaces of ${usbPath}: ${textOf(expected)}`, look, { timeoutMs: enumerationMs, everyMs: 200 }).catch(
    (error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : String(error)}; there is: ${last || 'none'}`);
    },
  );
}

/** Waits until nothing of the modem is left in the guest. */
export async function untilGone(guest: Guest, usbPath: string): Promise<void> {
  const look = async () => ((await guest.read(`/sys/bus/usb/devices/${usbPath}/idVendor`)) === null ? true : null);
  await waitFor(`${usbPath} to be gone`, look, { timeoutMs: enumerationMs, everyMs: 100 });
}

/**
 * A tty, such as `/dev/ttyUSB2`, found by interface number and ready to be opened. Its name in sysfs comes first, then its node in devtmpfs,
 * and until all ports of its modem are there usb-serial refuses it with ENODEV (drivers/usb/serial/usb-serial.c, `disconnected`).
 * It is raw from then on: one that echoes sends the modem's own lines back at it, in a loop.
 */
export async function ttyOf(guest: Guest, usbPath: string, number: number): Promise<string> {
  let last = 'no name in sysfs';
  const look = async () => {
    const name = (await guest.list(`/sys/bus/usb/devices/${usbPath}:1.${number}`))?.find((one) => one.startsWith('tty'));
    if (name === undefined) return null;
    const { code, err } = await guest.run(['stty', '-F', `/dev/${name}`, 'raw', '-echo', 'clocal']);
    last = err;
    return code === 0 ? `/dev/${name}` : null;
  };
  return waitFor(`a tty on interface ${number} of ${usbPath}`, look, { timeoutMs: enumerationMs }).catch((error: unknown) => {
    throw new Fault('story.untrue', `${faultText(error)}: ${last}`);
  });
}

/** Network interface of a modem, whatever its name. */
export async function netOf(guest: Guest, usbPath: string, number: number): Promise<string> {
  const look = async () => (await guest.list(`/sys/bus/usb/devices/${usbPath}:1.${number}/net`))?.[0] ?? null;
  return waitFor(`a network interface on interface ${number} of ${usbPath}`, look, { timeoutMs: enumerationMs });
}
