import { waitUntil } from '@towline/demo';
import { faultText } from '@towline/kit';
import type { DataMode } from '@towline/modem';
import type { DeviceDetail } from '@towline/protocol/http';
import { startAgent } from '../gateway/agent-in-guest.ts';
import { claim, must } from '../gateway/expect.ts';
import { commission, type LabDevice } from '../gateway/lab-device.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { type ModemName, modemKinds, modemNames } from '../gateway/modem-kinds.ts';
import { ports } from '../gateway/site.ts';
import { runTool } from '../run-tool.ts';
import type { Story, Telling } from './story.ts';

export const onlineMs = 150_000;

const summary = ({ online, reported }: DeviceDetail) =>
  `${online ? 'online' : 'offline'}; ${JSON.stringify(reported?.modems.map(({ connection, bearer, fault }) => ({ connection, bearer, fault })) ?? null)}`;

/** Waits until the control plane has heard what `holds` of the device. @throws Error with what it heard instead */
export async function untilReported(device: LabDevice, what: string, holds: (device: DeviceDetail) => boolean): Promise<DeviceDetail> {
  let last = 'nothing';
  const look = async () => {
    const now = await device.look();
    last = summary(now);
    return holds(now) ? now : null;
  };
  return waitUntil(what, look, { timeoutMs: onlineMs, everyMs: 500 }).catch((error: unknown) => {
    throw new Error(`${faultText(error)}; reported: ${last}`);
  });
}

/** Where the sessions at the broker come from, by the kernel's own list. */
function sessionPeers(): string[] {
  const rows = runTool(['ss', '-H', '-t', '-n', 'state', 'established', `( sport = :${ports.mqtt} )`]).toString();
  return rows
    .split('\n')
    .map((row) => row.trim().split(/\s+/)[3]?.replace(/:\d+$/, '').replace('[::ffff:', '').replace(']', '') ?? '')
    .filter((address) => address !== '' && address !== '127.0.0.1');
}

const isBearer = (address: string) => address.startsWith('198.18.') || address.startsWith('198.19.');

/** The session came by a bearer, while Ethernet is there and alive. */
export async function proveBearerAlone({ gateway, say }: Telling): Promise<void> {
  const peers = sessionPeers();
  claim('the session at the broker comes from a bearer, and from a bearer alone', peers.length > 0 && peers.every(isBearer), peers);
  const routes = await must(gateway.guest, ['ip', 'route', 'show', 'default']);
  claim('Ethernet is still the default route', /default via 10\.0\.2\.2 dev eth0 metric 100/.test(routes), routes);
  say(`session from ${peers.join(', ')}; Ethernet is up, and the first default route`);
}

const story = (modem: ModemName, mode: DataMode): Story => ({
  name: `online-${modem}-${mode}`,
  sentence: `Plugged in cold, ${modem} comes online in ${mode} mode, and its agent speaks with the control plane over the bearer alone, though Ethernet is up.`,
  family: modemKinds[modem].family,
  proves: [],
  boundMs: 300_000,
  async run(telling) {
    const { gateway, site, say, directory, name } = telling;
    const profile = { apn: accessPoints.internet, ipType: 'ipv4', auth: 'none', dataMode: mode, roaming: true } as const;
    const device = await commission(site, { name, directory, profile });
    say(`${device.id} holds its target: ${profile.apn} by ${mode}`);
    const agent = await startAgent(gateway.guest, { device, directory });
    const laid = await gateway.layOne({ name: modem, mode });
    laid.usb.plug();
    const reported = await untilReported(device, `${modem} verified in ${mode} mode`, ({ online, reported }) =>
      Boolean(online && reported?.modems.some(({ connection, bearer }) => connection === 'verified' && bearer?.dataMode === mode)),
    );
    const bearer = reported.reported?.modems[0]?.bearer;
    say(`verified: ${bearer?.apn} ${bearer?.addresses.join(', ')}`);
    claim('the APN is the one asked for', bearer?.apn?.startsWith(profile.apn) ?? false, bearer);
    await proveBearerAlone(telling);
    await agent.stop();
  },
});

export const onlineStories: readonly Story[] = modemNames.flatMap((modem) => modemKinds[modem].modes.map((mode) => story(modem, mode)));
