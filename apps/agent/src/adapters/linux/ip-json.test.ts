import { describe, expect, it } from 'vitest';
import { ipArgv } from './ip-argv.ts';
import { parseLink, parseRoutes, parseRules } from './ip-json.ts';

/** Captured from iproute2 6.1.0 on Debian 12, shortened to what differs. */
const rules = `[{"priority":0,"src":"all","table":"local"},{"priority":7400,"src":"all","ipproto":"tcp","sport_start":61000,"sport_end":61063,"table":"7400","protocol":"116"},{"priority":7500,"src":"all","oif":"wwan0","oif_detached":null,"table":"7400","protocol":"116"},{"priority":32766,"src":"all","table":"main"}]`;
const routes4 = `[{"dst":"default","gateway":"10.64.0.1","dev":"wwan0","table":"7400","protocol":"116","prefsrc":"10.64.0.2","metric":4000,"flags":["onlink"]},{"type":"unreachable","dst":"default","table":"7400","protocol":"116","metric":4294967295,"flags":[]},{"dst":"default","gateway":"192.0.2.1","dev":"eth0","protocol":"dhcp","metric":100,"flags":[]},{"type":"local","dst":"10.64.0.2","dev":"wwan0","table":"local","protocol":"kernel","scope":"host","prefsrc":"10.64.0.2","flags":[]}]`;
const routes6 = `[{"dst":"default","dev":"wwan0","table":"7400","protocol":"116","metric":4000,"flags":[],"pref":"medium"},{"type":"unreachable","dst":"default","dev":"lo","table":"7400","protocol":"116","metric":4294967295,"flags":[],"pref":"medium"},{"dst":"default","gateway":"fe80::1","dev":"usb0","protocol":"ra","metric":1024,"flags":[],"pref":"medium"}]`;
const link = `[{"ifindex":3,"ifname":"wwan0","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1430,"addr_info":[{"family":"inet","local":"10.64.0.2","prefixlen":30,"scope":"global"},{"family":"inet6","local":"fe80::dcf7:81ff:fe3c:3e30","prefixlen":64,"scope":"link"}]}]`;

describe('what ip -j prints', () => {
  it('shows an interface with its addresses, without those that only hold on the link', () => {
    expect(parseLink(link)).toEqual({ up: true, mtu: 1430, addresses: [{ address: '10.64.0.2', prefixLength: 30 }] });
  });

  it.each(['', '[]', '[{}]'])('shows no interface by %j', (text) => {
    expect(parseLink(text)).toBeNull();
  });

  it('shows by which other interfaces the host has a way out', () => {
    const routes = [
      { dst: 'default', gateway: '192.168.1.1', dev: 'eth0', protocol: 'dhcp', metric: 100 },
      { dst: '192.168.1.0/24', dev: 'eth0', protocol: 'kernel' },
      { dst: 'default', dev: 'wg0', table: '51820', protocol: 'boot' },
      { type: 'unreachable', dst: 'default', dev: 'lo', metric: 4294967295 },
    ];
    expect(parseRoutes(4, JSON.stringify(routes)).others).toEqual(['eth0']);
    expect(parseRoutes(4, routes4).others).not.toContain('wwan0');
  });

  it('shows which routes are ours, and which routers announced themselves', () => {
    expect(parseRoutes(4, routes4).ours).toEqual([
      {
        family: 4,
        table: 7400,
        destination: 'default',
        kind: 'unicast',
        interface: 'wwan0',
        gateway: '10.64.0.1',
        source: '10.64.0.2',
        metric: 4000,
      },
      {
        family: 4,
        table: 7400,
        destination: 'default',
        kind: 'unreachable',
        interface: null,
        gateway: null,
        source: null,
        metric: 4_294_967_295,
      },
    ]);
    expect(parseRoutes(6, routes6)).toMatchObject({
      ours: [
        { interface: 'wwan0', gateway: null },
        { kind: 'unreachable', interface: null },
      ],
      announced: [{ interface: 'usb0', router: 'fe80::1' }],
    });
  });

  it('shows which rules are ours', () => {
    expect(parseRules(4, rules)).toEqual([
      { family: 4, priority: 7400, table: 7400, match: { kind: 'source-ports', protocol: 'tcp', first: 61_000, last: 61_063 } },
      { family: 4, priority: 7500, table: 7400, match: { kind: 'interface', interface: 'wwan0' } },
    ]);
  });

  it('may be nothing, which is not the same as a list that was cut off or is none', () => {
    expect(parseRoutes(6, '')).toEqual({ ours: [], announced: [], others: [] });
    expect(() => parseRoutes(4, routes4.slice(0, -1))).toThrow(expect.objectContaining({ code: 'host.unread' }));
    expect(() => parseRules(6, 'Error: ipv6 is disabled')).toThrow(expect.objectContaining({ code: 'host.unread' }));
    expect(() => parseLink('[{"ifname":')).toThrow(expect.objectContaining({ code: 'host.unread' }));
  });
});

describe('a step of the host network', () => {
  it.each([
    [{ do: 'set-mtu', interface: 'wwan0', mtu: 1430 } as const, 'ip link set dev wwan0 mtu 1430'],
    [
      { do: 'add-address', interface: 'wwan0', address: { address: '2001:db8::2', prefixLength: 64 } } as const,
      'ip address add 2001:db8::2/64 dev wwan0 noprefixroute nodad',
    ],
  ])('is one call of ip', (step, command) => {
    expect(ipArgv(step).join(' ')).toBe(command);
  });

  it('takes away exactly what the kernel shows', () => {
    const [first, last] = parseRoutes(4, routes4).ours;
    expect(first && ipArgv({ do: 'remove-route', route: first }).join(' ')).toBe(
      'ip -4 route del default via 10.64.0.1 dev wwan0 onlink src 10.64.0.2 table 7400 metric 4000 protocol 116',
    );
    expect(last && ipArgv({ do: 'add-route', route: last }).join(' ')).toBe(
      'ip -4 route add unreachable default table 7400 metric 4294967295 protocol 116',
    );
    const [rule] = parseRules(6, rules);
    expect(rule && ipArgv({ do: 'add-rule', rule }).join(' ')).toBe(
      'ip -6 rule add priority 7400 ipproto tcp sport 61000-61063 table 7400 protocol 116',
    );
  });
});
