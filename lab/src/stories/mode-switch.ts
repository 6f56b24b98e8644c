import type { DataMode } from '@towline/modem';
import { startAgent } from '../gateway/agent-in-guest.ts';
import { claim } from '../gateway/expect.ts';
import { commission } from '../gateway/lab-device.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { type ModemName, modemKinds } from '../gateway/modem-kinds.ts';
import { untilVerified } from '../gateway/reported.ts';
import { claimBearerAlone } from '../gateway/session-path.ts';
import { boundDrivers } from '../gateway/usb-in-guest.ts';
import type { Story } from './story.ts';

interface Switch {
  readonly modem: ModemName;
  readonly from: DataMode;
  readonly to: DataMode;
  readonly proves: readonly string[];
}

const switches: readonly Switch[] = [
  { modem: 'ec200a', from: 'ecm', to: 'rndis', proves: ['1.4'] },
  { modem: 'ec25', from: 'qmi', to: 'mbim', proves: [] },
  { modem: 'ec25', from: 'rndis', to: 'ecm', proves: [] },
  { modem: 'mc7455', from: 'mbim', to: 'qmi', proves: ['2.4'] },
  { modem: 'em7565', from: 'qmi', to: 'mbim', proves: [] },
];

const story = ({ modem, from, to, proves }: Switch): Story => ({
  name: `mode-switch-${modem}-${from}-${to}`,
  sentence: `Found in ${from} mode where its target says ${to}, ${modem} is switched by the agent, comes back on the same USB path with the same IMEI, and is online in ${to} mode.`,
  family: modemKinds[modem].family,
  proves,
  boundMs: 420_000,
  async run({ gateway, site, say, directory, name }) {
    const profile = { apn: accessPoints.internet, ipType: 'ipv4', auth: 'none', dataMode: to, roaming: true } as const;
    const device = await commission(site, { name, directory, profile });
    const agent = await startAgent(gateway.guest, { device, directory });
    const laid = await gateway.layOne({ name: modem, mode: from });
    laid.usb.plug();
    const { reported } = await untilVerified(device, to);
    const imeis = reported?.modems.map(({ imei }) => imei);
    claim('it is the same modem', imeis?.join() === laid.simulated.imei, imeis);
    const bound = await boundDrivers(gateway.guest, laid.usbPath);
    claim('it is in the same place', bound.size > 0, [...bound]);
    say(`found in ${from}, verified in ${to} mode`);
    await claimBearerAlone(gateway.guest, site);
    await agent.stop();
  },
});

export const modeSwitchStories: readonly Story[] = switches.map(story);
