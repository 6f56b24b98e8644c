import { Fault } from '@towline/kit';
import type { DeviceDetail } from '@towline/protocol/http';
import { startAgent } from '../gateway/agent-in-guest.ts';
import { claim, must } from '../gateway/expect.ts';
import { commission } from '../gateway/lab-device.ts';
import type { LabModem } from '../gateway/lab-modem.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { untilReported } from '../gateway/reported.ts';
import { claimBearerAlone } from '../gateway/session-path.ts';
import type { Site } from '../gateway/site.ts';
import { untilGone } from '../gateway/usb-in-guest.ts';
import type { Story } from './story.ts';

/** Addresses beyond the packet core that stand for a modem's bearers. */
function exitsOf(site: Site, { simulated }: LabModem): (string | null)[] {
  const granted = [...simulated.state.running.bearers.values()].flatMap(({ grant }) => grant.addresses);
  return site.core
    .traffic()
    .filter(({ addresses }) => addresses.some((address) => granted.includes(address)))
    .map(({ exitAddress }) => exitAddress);
}

const isVerified = ({ reported }: DeviceDetail, { simulated }: LabModem) =>
  reported?.modems.some(({ imei, connection }) => imei === simulated.imei && connection === 'verified') ?? false;

const sameAddress: Story = {
  name: 'same-address',
  sentence:
    'Two EC200A whose own NAT gives the host one and the same private address are both verified; when the one that carries the session is torn out, the other carries it.',
  family: 'ec200a',
  proves: [],
  boundMs: 480_000,
  async run({ gateway, site, say, directory, name }) {
    const profile = { apn: accessPoints.internet, ipType: 'ipv4', auth: 'none', dataMode: 'ecm', roaming: true } as const;
    const device = await commission(site, { name, directory, profile });
    const agent = await startAgent(gateway.guest, { device, directory });
    const modems = [await gateway.layOne({ name: 'ec200a', mode: 'ecm' }), await gateway.layOne({ name: 'ec200a', mode: 'ecm' })];
    for (const { usb } of modems) usb.plug();
    await untilReported(
      device,
      'both modems verified',
      ({ reported }) => reported?.modems.filter(({ connection }) => connection === 'verified').length === 2,
      240_000,
    );
    const addresses = await must(gateway.guest, ['ip', '-4', '-o', 'address']);
    const shared = [...addresses.matchAll(/inet (192\.168\.\S+)/g)].map(([, address]) => address);
    claim('two interfaces hold one address', shared.length === 2 && shared[0] === shared[1], addresses);
    say(`both verified, both with ${shared[0]}`);
    const [carrier] = await claimBearerAlone(gateway.guest, site);
    const carrying = modems.find((modem) => exitsOf(site, modem).includes(carrier ?? ''));
    const other = modems.find((modem) => modem !== carrying);
    if (!carrying || !other) throw new Fault('story.untrue', `no modem has a bearer behind ${carrier}`);
    carrying.usb.unplug();
    await untilGone(gateway.guest, carrying.usbPath);
    say(`${carrying.usbPath} torn out, which carried the session from ${carrier}`);
    await untilReported(device, 'the other alone', (now) => now.online && isVerified(now, other) && !isVerified(now, carrying));
    say(`online over the other: ${(await claimBearerAlone(gateway.guest, site)).join(', ')}`);
    await agent.stop();
  },
};

export const sameAddressStories: readonly Story[] = [sameAddress];
