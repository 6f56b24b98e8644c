import { describe, expect, it } from 'vitest';
import { linuxHostNetwork } from './linux-host-network.ts';

function host(refused: string | null = null) {
  const written: string[] = [];
  const network = linuxHostNetwork({
    processes: { run: () => expect.unreachable('no program is needed'), start: () => expect.unreachable('nothing of this stays') },
    files: {
      read: async () => null,
      remove: async () => undefined,
      async write(path, text) {
        if (path === refused) throw new Error('read-only');
        written.push(`${path} ${text}`);
      },
    },
    runDirectory: '/run/towline',
    stateDirectory: '/var/lib/towline',
  });
  return { network, written };
}

const ipv6 = '/proc/sys/net/ipv6/conf/ppp0';
const step = { do: 'set-router-metric', interface: 'ppp0', metric: 4_000 } as const;

describe('the metric of a router that announces itself', () => {
  it('stands before the interface listens to routers', async () => {
    const { network, written } = host();
    expect(await network.apply(step)).toEqual({ ok: true });
    expect(written).toEqual([`${ipv6}/ra_defrtr_metric 4000`, `${ipv6}/accept_ra 2`]);
  });

  it('is needed for that: without it no router is listened to', async () => {
    const { network, written } = host(`${ipv6}/ra_defrtr_metric`);
    expect(await network.apply(step)).toMatchObject({ ok: false, failure: { code: 'host.network-refused' } });
    expect(written).toEqual([]);
  });
});
