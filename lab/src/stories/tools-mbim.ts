import { addressBy, controlOf, untilRegisteredBy } from '../gateway/control-channel.ts';
import { claim, must, ping } from '../gateway/expect.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { type ModemName, modemKinds } from '../gateway/modem-kinds.ts';
import { netOf } from '../gateway/usb-in-guest.ts';
import type { Story } from './story.ts';

const modems: readonly { readonly modem: ModemName; readonly network: number; readonly proves: readonly string[] }[] = [
  { modem: 'ec25', network: 4, proves: [] },
  { modem: 'mc7455', network: 12, proves: ['2.4'] },
  { modem: 'em7565', network: 12, proves: [] },
];

const first = (text: string, pattern: RegExp): string => pattern.exec(text)?.[1] ?? '';

function story({ modem, network, proves }: (typeof modems)[number]): Story {
  return {
    name: `tools-${modem}-mbim`,
    sentence: `By mbimcli alone ${modem} registers, refuses a wrong APN, connects, and its packets flow through cdc_mbim.`,
    family: modemKinds[modem].family,
    proves,
    boundMs: 240_000,
    async run({ gateway, say }) {
      const { guest } = gateway;
      const { usbPath, simulated } = await gateway.layOne({ name: modem, mode: 'mbim', plugged: true });
      const wdm = await controlOf(guest, usbPath, network);
      const over = await netOf(guest, usbPath, network);
      await untilRegisteredBy(guest, ['mbimcli', '-d', wdm, '--query-registration-state'], /Register state: 'home'/);
      say(`${wdm} and ${over}: registered`);
      const wrong = await guest.run(['mbimcli', '-d', wdm, `--connect=access-string=${accessPoints.unknown},ip-type=ipv4`]);
      claim('an unknown APN is refused', wrong.err.includes('InvalidAccessString'), wrong.out + wrong.err);
      const dial = `--connect=session-id=0,access-string=${accessPoints.internet},ip-type=ipv4`;
      const connected = await must(guest, ['mbimcli', '-d', wdm, dial, '--no-close']);
      const address = first(connected, /IP \[0\]: '([\d.]+\/\d+)'/);
      claim('the address is the operator’s', simulated.dataLink()?.addresses[0] === address.split('/')[0], connected);
      const resolver = first(connected, /DNS \[0\]: '([\d.]+)'/);
      await addressBy(guest, over, { address, gateway: first(connected, /Gateway: '([\d.]+)'/), resolver });
      await ping(guest, resolver, over);
      say(`${resolver} answers echoes over ${over}`);
      const open = Number(first(connected, /TRID: '(\d+)'/)) + 1;
      await must(guest, ['mbimcli', '-d', wdm, '--disconnect=0', `--no-open=${open}`]);
      claim('the session is over', simulated.dataLink() === null, simulated.dataLink());
    },
  };
}

export const toolsMbimStories: readonly Story[] = modems.map(story);
