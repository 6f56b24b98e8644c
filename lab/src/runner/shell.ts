import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelById } from '@towline/modem';
import { createGateway } from '../gateway/gateway.ts';
import { type ModemName, modemKinds } from '../gateway/modem-kinds.ts';
import { openSite } from '../gateway/site.ts';
import { bootGuest } from '../guest/boot-guest.ts';
import { places } from '../places.ts';
import type { Prepared } from '../prepare/prepare.ts';

/** Start file of the shell in the guest. */
const startFile = (modem: ModemName, atInterface: number) => `
PS1='gateway# '
tty_of() { basename "$(ls -d /sys/bus/usb/devices/1-1:1.$1/ttyUSB* 2>/dev/null)"; }
at() { busybox microcom -t "\${2:-1500}" -s 115200 "/dev/$(tty_of ${atInterface})" <<< "$1"$'\\r'; }
stty rows 40 cols 140 2>/dev/null
echo
echo "A gateway with ${modem} at USB path 1-1. It runs Debian's kernel; files are those of the host, changes stay in memory."
echo "Try: ls /sys/bus/usb/drivers; at ATI; qmicli -d /dev/cdc-wdm0 --dms-get-manufacturer; dmesg. 'exit' ends it."
`;

/** A shell in a gateway with that modem plugged in, on our own terminal. */
export async function openShell(modem: ModemName, prepared: Prepared): Promise<void> {
  // The guest has a /tmp of its own: it would not see the host's.
  const directory = join(places.logs, 'shell');
  mkdirSync(directory, { recursive: true });
  const shellFile = join(directory, 'start-file');
  writeFileSync(shellFile, startFile(modem, modelById(modemKinds[modem].model)?.usb.layouts[0]?.at[0] ?? 2));
  const guest = await bootGuest({ prepared, kernelLog: join(directory, 'kernel.log'), shellFile });
  const site = await openSite();
  const gateway = createGateway(guest, site.core);
  await gateway.layOne({ name: modem, mode: modemKinds[modem].modes[0], plugged: true });
  await guest.gone;
  await gateway.abandon();
  await site.close();
}
