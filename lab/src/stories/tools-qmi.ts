import { addressBy, controlOf, untilRegisteredBy, valueOf } from '../gateway/control-channel.ts';
import { claim, must, ping } from '../gateway/expect.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { type ModemName, modemKinds } from '../gateway/modem-kinds.ts';
import { netOf } from '../gateway/usb-in-guest.ts';
import type { Guest } from '../guest/guest.ts';
import type { Story } from './story.ts';

interface ByQmi {
  readonly modem: ModemName;
  readonly network: number;
  readonly format: 'raw-ip' | '802-3';
  readonly proves: readonly string[];
}

/** Formats as modem-facts tells them: Sierra's of this generation know nothing but raw IP. */
const dials: readonly ByQmi[] = [
  { modem: 'bg96', network: 4, format: 'raw-ip', proves: ['0.6', '3.1'] },
  { modem: 'ec25', network: 4, format: 'raw-ip', proves: [] },
  { modem: 'ec25', network: 4, format: '802-3', proves: [] },
  { modem: 'mc7455', network: 8, format: 'raw-ip', proves: ['2.2', '2.5'] },
  { modem: 'em7565', network: 8, format: 'raw-ip', proves: [] },
];

const prefixOf = (mask: string): number =>
  mask
    .split('.')
    .map((octet) => Number(octet).toString(2).replaceAll('0', '').length)
    .reduce((sum, ones) => sum + ones, 0);

/** The kernel's switch only moves while the link is down: report 2.5. */
async function agreeOnFormat(guest: Guest, wdm: string, link: { over: string; format: ByQmi['format'] }): Promise<void> {
  const { over, format } = link;
  await must(guest, ['qmicli', '-d', wdm, `--wda-set-data-format=${format}`]);
  const given = valueOf(await must(guest, ['qmicli', '-d', wdm, '--wda-get-data-format']), 'Link layer protocol');
  claim(`the modem frames as ${format}`, given === format, given);
  await must(guest, ['ip', 'link', 'set', over, 'down']);
  await guest.write(`/sys/class/net/${over}/qmi/raw_ip`, format === 'raw-ip' ? 'Y' : 'N');
}

async function refused(guest: Guest, wdm: string): Promise<void> {
  const { code, out, err } = await guest.run(['qmicli', '-d', wdm, `--wds-start-network=apn=${accessPoints.foreign},ip-type=4`]);
  const said = `${out}${err}`;
  claim('another subscriber’s APN is refused with cause 33', code !== 0 && said.includes('(6,33): [3gpp] option-unsubscribed'), said);
}

function story({ modem, network, format, proves }: ByQmi): Story {
  return {
    name: `tools-${modem}-qmi-${format}`,
    sentence: `By qmicli alone ${modem} registers, refuses a wrong APN with the network's cause, dials, and its packets flow as ${format} through qmi_wwan.`,
    family: modemKinds[modem].family,
    proves,
    boundMs: 240_000,
    async run({ gateway, say }) {
      const { guest } = gateway;
      const { usbPath, simulated } = await gateway.layOne({ name: modem, mode: 'qmi', plugged: true });
      const wdm = await controlOf(guest, usbPath, network);
      const over = await netOf(guest, usbPath, network);
      await untilRegisteredBy(guest, ['qmicli', '-d', wdm, '--nas-get-serving-system'], /Registration state: 'registered'/);
      await agreeOnFormat(guest, wdm, { over, format });
      say(`${wdm} and ${over}: registered, ${format}`);
      await refused(guest, wdm);
      const started = await must(guest, [
        'qmicli',
        '-d',
        wdm,
        `--wds-start-network=apn=${accessPoints.internet},ip-type=4`,
        '--client-no-release-cid',
      ]);
      const client = [`--client-cid=${valueOf(started, 'CID')}`, '--client-no-release-cid'];
      const settings = await must(guest, ['qmicli', '-d', wdm, '--wds-get-current-settings', ...client]);
      const address = valueOf(settings, 'IPv4 address');
      claim('the address is the operator’s', simulated.dataLink()?.addresses.includes(address) === true, settings);
      const resolver = valueOf(settings, 'IPv4 primary DNS');
      const gatewayAddress = valueOf(settings, 'IPv4 gateway address');
      await addressBy(guest, over, {
        address: `${address}/${prefixOf(valueOf(settings, 'IPv4 subnet mask'))}`,
        gateway: gatewayAddress,
        resolver,
      });
      await ping(guest, resolver, over);
      say(`${resolver} answers echoes over ${over}`);
      await must(guest, ['qmicli', '-d', wdm, `--wds-stop-network=${valueOf(started, 'Packet data handle')}`, client[0] ?? '']);
      claim('the call is over', simulated.dataLink() === null, simulated.dataLink());
    },
  };
}

/** libqmi's own script, as the report of OpenWrt names it: 3.4. It keeps client id and handle in a file between its calls. */
const byScript: Story = {
  name: 'tools-ec25-qmi-network',
  sentence: 'By the script qmi-network of libqmi ec25 is dialled, says so, and is hung up, and no QMI client is left over.',
  family: modemKinds.ec25.family,
  proves: ['3.4'],
  boundMs: 240_000,
  async run({ gateway, say }) {
    const { guest } = gateway;
    const { usbPath, usb, simulated } = await gateway.layOne({ name: 'ec25', mode: 'qmi', plugged: true });
    const wdm = await controlOf(guest, usbPath, 4);
    await untilRegisteredBy(guest, ['qmicli', '-d', wdm, '--nas-get-serving-system'], /Registration state: 'registered'/);
    const profile = '/tmp/qmi-network.conf';
    await guest.write(profile, `APN=${accessPoints.internet}\nIP_TYPE=4\n`);
    const script = (command: string) => must(guest, ['qmi-network', `--profile=${profile}`, wdm, command]);
    const before = usb.qmiClients;
    const started = await script('start');
    claim('it says that it started', started.includes('Network started successfully'), started);
    claim('the modem has a call', simulated.dataLink() !== null);
    const status = await script('status');
    claim('it says that it is connected', status.includes('Status: connected'), status);
    say(`${wdm}: started and connected`);
    const stopped = await script('stop');
    claim('it says that it stopped', stopped.includes('Network stopped successfully'), stopped);
    claim('the call is over', simulated.dataLink() === null, simulated.dataLink());
    claim('no client is left over', usb.qmiClients === before, { before, now: usb.qmiClients });
  },
};

export const toolsQmiStories: readonly Story[] = [...dials.map(story), byScript];
