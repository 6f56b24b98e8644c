import { askModem, untilRegistered } from '../gateway/at-tty.ts';
import { claim, must, ping } from '../gateway/expect.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { LabModem } from '../gateway/lab-modem.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { netOf, ttyOf, untilBound } from '../gateway/usb-in-guest.ts';
import type { Story, Telling } from './story.ts';

const at = 3;
const network = 0;

/** The address of the module's own DHCP server is the gateway that it hands out. */
async function lease(gateway: Gateway, over: string): Promise<string> {
  const { guest } = gateway;
  await must(guest, ['ip', 'link', 'set', over, 'up']);
  // The packaged client script would ask resolvconf; ours only prints.
  await guest.write(
    '/run/lease-script',
    '#!/bin/sh\n[ "$1" = bound ] && ip address add "$ip/$mask" dev "$interface" && echo "router=$router dns=$dns ip=$ip"\n',
  );
  await must(guest, ['chmod', 'a+x', '/run/lease-script']);
  const out = await must(guest, ['busybox', 'udhcpc', '-f', '-n', '-q', '-t', '10', '-i', over, '-s', '/run/lease-script']);
  const router = /router=(\S+)/.exec(out)?.[1];
  claim('the lease names a router', router !== undefined, out);
  return router ?? '';
}

/** Report 1.5, command by command. */
async function dialAsReported({ gateway, say }: Telling, modem: LabModem): Promise<void> {
  const { guest } = gateway;
  const tty = await ttyOf(guest, modem.usbPath, at);
  await untilRegistered(guest, tty);
  await askModem(guest, tty, `AT+CGDCONT=1,"IP","${accessPoints.internet}"`);
  const dialled = await askModem(guest, tty, 'AT+QNETDEVCTL=3,1,1');
  claim('the call is taken', dialled.includes('OK'), dialled);
  const over = await netOf(guest, modem.usbPath, network);
  const router = await lease(gateway, over);
  say(`${over}: leased, router ${router}`);
  await ping(guest, router, over);
  say(`${router} answers echoes over ${over}`);
}

const byHand: Story = {
  name: 'tools-ec200a-ethernet',
  sentence:
    'By the commands of report 1, EC200A dials in ECM mode, udhcpc gets a lease and ping an answer; switched to RNDIS it comes back as rndis_host, and all that again.',
  family: 'ec200a',
  proves: ['1.4', '1.5'],
  boundMs: 300_000,
  async run(telling) {
    const { gateway, say } = telling;
    const { guest } = gateway;
    const modem = await gateway.layOne({ name: 'ec200a', mode: 'ecm', plugged: true });
    await dialAsReported(telling, modem);
    const tty = await ttyOf(guest, modem.usbPath, at);
    const mode = await askModem(guest, tty, 'AT+QCFG="usbnet"');
    claim(
      'the mode reads 1, ECM',
      mode.some((line) => /\+QCFG: "usbnet",1/.test(line)),
      mode,
    );
    await askModem(guest, tty, 'AT+QCFG="usbnet",3');
    await askModem(guest, tty, 'AT+CFUN=1,1');
    say('reset into RNDIS');
    await untilBound(
      guest,
      modem.usbPath,
      new Map([
        [0, 'rndis_host'],
        [1, 'rndis_host'],
        [2, 'option'],
        [3, 'option'],
        [4, 'option'],
        [6, 'option'],
      ]),
    );
    say('back with rndis_host');
    await dialAsReported(telling, modem);
  },
};

export const toolsEthernetStories: readonly Story[] = [byHand];
