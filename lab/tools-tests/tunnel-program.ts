/** Run in a network namespace of its own: sends a datagram over a bearer and tells what the host's kernel made of it, as one line of JSON. */
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Clock, seededRandom } from '@towline/kit';
import { createCoreNetwork } from '@towline/simulator';
import { createHostTunnel } from '@towline/simulator/node';

const clock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** From 10.1.0.2 port 4000 to 198.18.0.1 port 7: `ping`, without a UDP checksum. */
const datagram = Buffer.from('450000200000400040116ab70a010002c61200010fa00007000c000070696e67', 'hex');

execFileSync('ip', ['link', 'set', 'lo', 'up']);
const tunnel = await createHostTunnel({ clock, name: 'towline0', address: '198.18.0.1/15', address6: '2001:db8:ffff::1/32' });
const echo = createSocket('udp4').bind(7, '198.18.0.1');
await once(echo, 'listening');
const from: string[] = [];
echo.on('message', (message, peer) => {
  from.push(peer.address);
  echo.send(message, peer.port, peer.address);
});
const core = createCoreNetwork({ exit: tunnel, clock, random: seededRandom(1) });
const bearer = core.attach({ addresses: ['10.1.0.2'], gateway: '10.1.0.1', dns: [], ipv6: null, mtu: 1_500, reaches: () => true });
const answer = new Promise<Uint8Array>((resolve) => {
  bearer.onPacket(resolve);
});
bearer.send(datagram);
const packet = Buffer.from(await answer);
echo.close();
await tunnel.close();
const interfaces = execFileSync('ip', ['-o', 'link']).toString();
const told = { from, to: packet.subarray(16, 20).join('.'), text: packet.subarray(28).toString(), left: interfaces.includes('towline0') };
console.log(JSON.stringify(told));
