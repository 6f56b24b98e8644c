import { startAgent } from '../gateway/agent-in-guest.ts';
import { claim } from '../gateway/expect.ts';
import { commission } from '../gateway/lab-device.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { modemKinds } from '../gateway/modem-kinds.ts';
import { untilReported, untilVerified } from '../gateway/reported.ts';
import type { Story, Telling } from './story.ts';

/** `AT!USBCOMP=1,1,105`: DIAG, NMEA and RMNET0, and no port that takes AT. */
const withoutAt = '105';

async function run({ gateway, site, say, directory, name }: Telling): Promise<void> {
  const profile = { apn: accessPoints.internet, ipType: 'ipv4', auth: 'none', dataMode: 'qmi', roaming: true } as const;
  const device = await commission(site, { name, directory, profile });
  const agent = await startAgent(gateway.guest, { device, directory, config: { mqttOver: 'any' } });
  const laid = await gateway.layOne({ name: 'mc7455', mode: 'qmi' });
  laid.simulated.control.apply((state) => {
    const settings = new Map([...state.stored.settings, ['usbcomp.mask', withoutAt] as const]);
    return { state: { ...state, stored: { ...state.stored, settings } }, effects: [] };
  });
  laid.usb.plug();
  await untilReported(
    device,
    'modem.at-port-lost',
    ({ reported }) => reported?.modems.some(({ fault }) => fault?.code === 'modem.at-port-lost') ?? false,
  );
  say('it shows no AT port, and the control plane knows');
  await untilVerified(device, 'qmi');
  claim('its composition is the whole one', laid.simulated.state.stored.settings.get('usbcomp.mask') === '10D');
  await agent.stop();
}

export const rescueStories: readonly Story[] = [
  {
    name: 'rescue-at-port-mc7455',
    sentence:
      'MC7455 in a composition without an AT port is given one by the agent through its QMI port, enumerates anew and comes online.',
    family: modemKinds.mc7455.family,
    proves: [],
    boundMs: 420_000,
    run,
  },
];
