import type { AgentConfigInput } from '@towline/agent';
import type { DataMode } from '@towline/modem';
import type { ConnectionProfile } from '@towline/protocol';
import { type AgentInGuest, startAgent } from '../gateway/agent-in-guest.ts';
import { claim } from '../gateway/expect.ts';
import { commission, type LabDevice } from '../gateway/lab-device.ts';
import type { LabModem } from '../gateway/lab-modem.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { type ModemName, modemKinds, modemNames } from '../gateway/modem-kinds.ts';
import { untilVerified } from '../gateway/reported.ts';
import { claimBearerAlone } from '../gateway/session-path.ts';
import type { Story, Telling } from './story.ts';

/** A gateway that came online over its modem. */
export interface OnlineGateway {
  readonly device: LabDevice;
  readonly agent: AgentInGuest;
  readonly modem: LabModem;
}

export interface Wanted {
  readonly name: ModemName;
  readonly mode: DataMode;
  /** Over the plain one. */
  readonly profile?: Partial<ConnectionProfile>;
  /** Of the agent, over what the workshop set. */
  readonly config?: Partial<AgentConfigInput>;
}

/** From a commissioned device and a cold modem to a session over the bearer alone. */
export async function bringOnline(telling: Telling, { name: modem, mode, profile: own = {}, config = {} }: Wanted): Promise<OnlineGateway> {
  const { gateway, site, say, directory, name } = telling;
  const profile = { apn: accessPoints.internet, ipType: 'ipv4', auth: 'none', dataMode: mode, roaming: true, ...own } as const;
  const device = await commission(site, { name, directory, profile });
  say(`${device.id} holds its target: ${profile.apn} by ${mode}`);
  const agent = await startAgent(gateway.guest, { device, directory, config });
  const laid = await gateway.layOne({ name: modem, mode });
  laid.usb.plug();
  const bearer = (await untilVerified(device, mode)).reported?.modems[0]?.bearer;
  claim('the APN is the one asked for', bearer?.apn?.startsWith(profile.apn) ?? false, bearer);
  say(`verified: ${bearer?.apn} ${bearer?.addresses.join(', ')}`);
  const peers = await claimBearerAlone(gateway.guest, site);
  say(`session from ${peers.join(', ')}; Ethernet is alive, and the first default route`);
  return { device, agent, modem: laid };
}

const story = (modem: ModemName, mode: DataMode): Story => ({
  name: `online-${modem}-${mode}`,
  sentence: `Plugged in cold, ${modem} comes online in ${mode} mode, and its agent speaks with the control plane over the bearer alone, though Ethernet is up.`,
  family: modemKinds[modem].family,
  proves: [],
  inCi: true,
  boundMs: 300_000,
  async run(telling) {
    const { agent } = await bringOnline(telling, { name: modem, mode });
    await agent.stop();
  },
});

export const onlineStories: readonly Story[] = modemNames.flatMap((modem) => modemKinds[modem].modes.map((mode) => story(modem, mode)));
