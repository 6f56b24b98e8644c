import type { Argv, ProcessOutcome } from '@towline/modem';
import { describe, expect, it } from 'vitest';
import { observeHost } from './observe-host.ts';

const exited = (stdout: string, code = 0): ProcessOutcome => ({ end: { kind: 'exited', code }, stdout, stderr: '' });
const link = JSON.stringify([{ ifname: 'wwan0', mtu: 1430, flags: ['UP'], addr_info: [] }]);

function host(answer: (argv: Argv) => ProcessOutcome, texts: Readonly<Record<string, string>> = {}) {
  return {
    processes: { run: async (argv: Argv) => answer(argv), start: () => expect.unreachable('nothing of this stays') },
    files: { read: async (path: string) => texts[path] ?? null, write: async () => undefined, remove: async () => undefined },
    runDirectory: '/run/towline',
  };
}

describe('looking at the network of the host', () => {
  it('knows an interface that is not there from an `ip` that did not answer in time', async () => {
    expect(
      await observeHost(
        host(() => exited('', 1)),
        'wwan0',
        0,
      ),
    ).toBeNull();
    const hung: ProcessOutcome = { end: { kind: 'timed-out' }, stdout: '', stderr: '' };
    expect(
      await observeHost(
        host(() => hung),
        'wwan0',
        0,
      ),
    ).toBe('unread');
    const onlyRulesHang = (argv: Argv) => (argv.includes('rule') ? hung : exited(argv.includes('address') ? link : '[]'));
    expect(await observeHost(host(onlyRulesHang), 'wwan0', 0)).toBe('unread');
  });

  it('does not take a list that was cut off for one without routes', async () => {
    const cut = (argv: Argv) => exited(argv.includes('address') ? link : argv.includes('route') ? '[{"dst":"default",' : '[]');
    expect(await observeHost(host(cut), 'wwan0', 0)).toBe('unread');
  });

  it('sees whether the kernel has IPv6, and whether it is off on the interface', async () => {
    const answer = (argv: Argv) => exited(argv.includes('address') ? link : '[]');
    expect(await observeHost(host(answer), 'wwan0', 0)).toMatchObject({ up: true, mtu: 1430, families: [4] });
    const withIpv6 = host(answer, { '/proc/sys/net/ipv6/conf/all/disable_ipv6': '0\n' });
    expect(await observeHost(withIpv6, 'wwan0', 0)).toMatchObject({ families: [4, 6], ipv6Off: false });
    const off = { '/proc/sys/net/ipv6/conf/all/disable_ipv6': '0\n', '/proc/sys/net/ipv6/conf/wwan0/disable_ipv6': '1\n' };
    expect(await observeHost(host(answer, off), 'wwan0', 0)).toMatchObject({ families: [4, 6], ipv6Off: true });
  });
});
