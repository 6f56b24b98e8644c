import type { DataMode } from '@towline/modem';
import { claim, must } from '../gateway/expect.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { internetAddress6 } from '../gateway/site.ts';
import { bringOnline } from './online.ts';
import type { Story } from './story.ts';

const modes: readonly DataMode[] = ['qmi', 'mbim', 'ecm', 'ppp'];

/** Interfaces that a bearer's packets may take: not the loopback, not the Ethernet uplink. */
const interfaceOfBearer = (links: string) =>
  [...links.matchAll(/^\d+: ([^:@]+)/gm)].map(([, name = '']) => name).find((name) => name !== 'lo' && name !== 'eth0');

const story = (mode: DataMode): Story => ({
  name: `online-ec25-${mode}-dual`,
  sentence: `Asked for IPv4 and IPv6, ec25 in ${mode} mode gets both, both lead to the internet over its interface, and no router of it stands before other uplinks.`,
  family: 'ec25',
  proves: [],
  boundMs: 300_000,
  async run(telling) {
    const { gateway, say } = telling;
    const { agent } = await bringOnline(telling, { name: 'ec25', mode, profile: { apn: accessPoints.dual, ipType: 'ipv4v6' } });
    const over = interfaceOfBearer(await must(gateway.guest, ['ip', '-o', 'link', 'show', 'up'])) ?? '';
    // Over PPP the IPv6 address comes from a router advertisement: the kernel knows it, the modem does not.
    const shown = await must(gateway.guest, ['ip', '-o', 'address', 'show', 'dev', over, 'scope', 'global']);
    const addresses = [...shown.matchAll(/inet6? ([^/\s]+)/g)].map(([, address = '']) => address);
    claim(
      'the interface has an address of each family',
      addresses.some((one) => one.includes(':')) && addresses.some((one) => one.includes('.')),
      shown,
    );
    await must(gateway.guest, ['busybox', 'ping', '-6', '-c', '3', '-W', '5', '-I', over, internetAddress6]);
    const routes = await must(gateway.guest, ['ip', '-6', 'route', 'show', 'default', 'dev', over]);
    const metrics = [...routes.matchAll(/^default .*metric (\d+)/gm)].map(([, metric]) => Number(metric));
    claim('every default route over it has the metric of a bearer', metrics.length > 0 && metrics.every((one) => one >= 4_000), routes);
    say(`${addresses.join(' and ')}; ${internetAddress6} answers echoes over ${over}`);
    await agent.stop();
  },
});

export const onlineDualStories: readonly Story[] = modes.map(story);
