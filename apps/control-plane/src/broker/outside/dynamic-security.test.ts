import { silentLog } from '@towline/kit';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock, systemRandom } from '../../platform/clock.ts';
import { DynamicSecurity } from './dynamic-security.ts';
import { startMosquitto, type TestMosquitto } from './testing/mosquitto.ts';

let mosquitto: TestMosquitto;
const processes: DynamicSecurity[] = [];
beforeAll(async () => {
  mosquitto = await startMosquitto();
}, 120_000);
afterAll(async () => {
  await Promise.all(processes.map((accounts) => accounts.stop()));
  await mosquitto.stop();
});

function aProcess(
  name: string,
  standing: (devices: readonly string[]) => Promise<ReadonlySet<string>> = async (devices) => new Set(devices),
): DynamicSecurity {
  const wiring = { clock: systemClock, random: systemRandom, log: silentLog };
  const accounts = new DynamicSecurity({
    ...wiring,
    url: mosquitto.url,
    clientId: `towline-accounts-${name}`,
    standing,
  });
  processes.push(accounts);
  return accounts;
}

const address = (device: string) => ({ tenant: 'main', device });
const numbers = Array.from({ length: 20 }, (_, number) => String(number).padStart(10, '0'));

async function enters(username: string, password: string, clientId = username): Promise<boolean> {
  const options = { clientId, username, password, protocolVersion: 4 as const, reconnectPeriod: 0 };
  const client = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, options).catch(() => null);
  await client?.endAsync(true);
  return client !== null;
}

describe('accounts at Mosquitto', () => {
  it('are told apart by several processes that ask at the same time', async () => {
    const [first, second] = [aProcess('first'), aProcess('second')];
    const refused = address('zzzzzzzzzz');
    await first.grant(refused, '').catch(() => undefined);
    const outcomes = await Promise.all(
      numbers.map(async (device) => {
        const [granted, denied] = await Promise.allSettled([first.grant(address(device), 'secret'), second.grant(refused, '')]);
        return {
          granted: granted.status,
          denied: denied.status,
          enters: granted.status === 'fulfilled' && (await enters(device, 'secret')),
        };
      }),
    );
    expect(outcomes).toEqual(numbers.map(() => ({ granted: 'fulfilled', denied: 'rejected', enters: true })));
  });

  it('take the secret that was granted last', async () => {
    const accounts = aProcess('third');
    await accounts.grant(address('1111111111'), 'before');
    await accounts.grant(address('1111111111'), 'after');
    expect(await enters('1111111111', 'before')).toBe(false);
    expect(await enters('1111111111', 'after')).toBe(true);
  });

  it('are two a device, one of them for its changes, each bound to its name', async () => {
    const accounts = aProcess('fourth');
    const [device, change] = ['2222222222', '2222222222~change'];
    await accounts.grant(address(device), 'secret');
    expect([await enters(device, 'secret'), await enters(change, 'secret')]).toEqual([true, true]);
    // Else its holder could end the session of any device.
    expect([await enters(change, 'secret', device), await enters(change, 'secret', '1111111111')]).toEqual([false, false]);
    await accounts.grant(address(device), 'another');
    expect([await enters(change, 'secret'), await enters(change, 'another')]).toEqual([false, true]);
  });

  it('go both when the device has no credential any more', async () => {
    const device = '3333333333';
    const accounts = aProcess('fifth', async () => new Set());
    await accounts.grant(address(device), 'secret');
    accounts.revoke(device);
    await vi.waitFor(
      async () => expect([await enters(device, 'secret'), await enters(`${device}~change`, 'secret')]).toEqual([false, false]),
      {
        timeout: 5000,
      },
    );
  });

  it('are all looked at, although some of an earlier page go away meanwhile', async () => {
    const { username, password } = new URL(mosquitto.url);
    const account = { username, password: decodeURIComponent(password) };
    const session = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, { ...account, protocolVersion: 4, reconnectPeriod: 0 });
    const tell = (commands: readonly object[]) =>
      session.publishAsync('$CONTROL/dynamic-security/v1', JSON.stringify({ commands }), { qos: 1 });
    const many = Array.from({ length: 700 }, (_, number) => `many${String(number).padStart(6, '0')}`);
    for (let start = 0; start < many.length; start += 100) {
      const commands = many.slice(start, start + 100).map((name) => ({ command: 'createClient', username: name, password: 'x' }));
      await tell(commands);
    }
    const revoked = new Set(many.slice(400));
    let pages = 0;
    const keeper = aProcess('keeper', async (devices) => {
      // Accounts at the list's beginning go while its first page is looked at.
      if (pages++ === 0) await tell(numbers.map((name) => ({ command: 'deleteClient', username: name })));
      return new Set(devices.filter((device) => !revoked.has(device)));
    });
    keeper.start();
    const counts: number[] = [];
    await session.subscribeAsync('$CONTROL/dynamic-security/v1/response', { qos: 1 });
    session.on('message', (_topic, payload) => {
      const total = /"totalCount":(\d+)/.exec(payload.toString());
      if (total) counts.push(Number(total[1]));
    });
    await vi.waitFor(
      async () => {
        await tell([{ command: 'listClients', count: 1 }]);
        // Those of ours that stand, the control plane, and what the other tests left: both accounts of three devices, and of twenty those for changes.
        expect(counts.at(-1)).toBe(400 + 1 + 6 + 20);
      },
      { timeout: 20_000, interval: 200 },
    );
    await session.endAsync(true);
  }, 40_000);
});
