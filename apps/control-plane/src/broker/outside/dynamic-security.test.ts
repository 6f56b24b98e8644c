import { silentLog } from '@towline/kit';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

function aProcess(name: string): DynamicSecurity {
  const wiring = { clock: systemClock, random: systemRandom, log: silentLog };
  const accounts = new DynamicSecurity({
    ...wiring,
    url: mosquitto.url,
    clientId: `towline-accounts-${name}`,
    standing: async (devices) => new Set(devices),
  });
  processes.push(accounts);
  return accounts;
}

const address = (device: string) => ({ tenant: 'main', device });
const numbers = Array.from({ length: 20 }, (_, number) => String(number).padStart(10, '0'));

async function enters(device: string, password: string): Promise<boolean> {
  const options = { clientId: device, username: device, password, protocolVersion: 4 as const, reconnectPeriod: 0 };
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
});
