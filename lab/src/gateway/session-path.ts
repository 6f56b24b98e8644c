import type { Guest } from '../guest/guest.ts';
import { runTool } from '../run-tool.ts';
import { claim, must } from './expect.ts';
import { ports, type Site } from './site.ts';

/** Where the sessions at the broker come from, by the kernel's own list. */
export function sessionPeers(): string[] {
  const rows = runTool(['ss', '-H', '-t', '-n', 'state', 'established', `( sport = :${ports.mqtt} )`]).toString();
  return rows
    .split('\n')
    .map((row) => (row.trim().split(/\s+/)[3] ?? '').replace(/:\d+$/, '').replace('[::ffff:', '').replace(']', ''))
    .filter((address) => address !== '' && address !== '127.0.0.1');
}

/** Addresses that stand for bearers beyond the packet core. */
const isBearer = (address: string) => /^198\.1[89]\./.test(address);

/**
 * The session came by a bearer that is up now and by nothing else, while Ethernet is there, alive, and the first default route.
 * Gives the addresses that it came from.
 */
export async function claimBearerAlone(guest: Guest, site: Site): Promise<readonly string[]> {
  const peers = sessionPeers();
  const up = site.core.traffic().map(({ exitAddress }) => exitAddress);
  claim('the broker has sessions from bearers alone', peers.length > 0 && peers.every(isBearer), peers);
  claim(
    'one of them is of a bearer that is up',
    peers.some((peer) => up.includes(peer)),
    { peers, up },
  );
  const routes = await must(guest, ['ip', 'route', 'show', 'default']);
  claim('Ethernet is still the first default route', /^default via 10\.0\.2\.2 dev eth0 metric 100/m.test(routes), routes);
  // Without `-T`: with it Debian's static busybox 1.35 ends with SIGSEGV.
  await must(guest, ['busybox', 'wget', '-q', '-O', '/dev/null', `http://10.0.2.2:${ports.http}/health/ready`]);
  return peers.filter((peer) => up.includes(peer));
}
