import { type HostAbilities, modelById } from '@towline/modem';
import { describe, expect, it } from 'vitest';
import { abilitiesOf, uplinksOf } from './abilities.ts';
import type { DialMeans } from './dial-mode.ts';
import { type ObservedModem, unseenModem } from './observed.ts';

const model = modelById('ec25') ?? null;
const host: HostAbilities = {
  kernel: '6.1.0-37-amd64',
  modules: new Set(['qmi_wwan', 'cdc_mbim', 'cdc_ether', 'option']),
  programs: new Set(['ip', 'qmicli', 'pppd', 'chat']),
  hasPpp: true,
};
const means: DialMeans = { hasPppPort: true, hasControlPort: true, vidPid: '2c7c:0125', abilities: host };
const observed: ObservedModem = { ...unseenModem('1-1'), dataMode: 'qmi' };

describe('what a device can do with a modem', () => {
  it('is what drivers, tools and the modem itself allow', () => {
    const all = abilitiesOf(observed, model, means);
    expect([all?.modes, all?.switches]).toEqual([['qmi', 'ppp'], []]);
    const withTools = { ...means, abilities: { ...host, programs: new Set([...host.programs, 'mbimcli', 'udhcpc'] as const) } };
    expect(abilitiesOf(observed, model, withTools)?.switches).toEqual(expect.arrayContaining(['mbim', 'ecm']));
  });

  it('takes the longer the more of the way is gone again, and is not known of a modem that is not known', () => {
    const { redialS = 0, reattachS = 0, switchS = 0 } = abilitiesOf(observed, model, means) ?? {};
    expect(0 < redialS && redialS < reattachS && reattachS < switchS).toBe(true);
    expect(abilitiesOf(observed, null, means)).toBeNull();
  });
});

describe('other ways out of a gateway', () => {
  const seen = (name: string, otherWays?: readonly string[]): ObservedModem => ({
    ...observed,
    host: {
      interface: name,
      up: true,
      mtu: 1500,
      addresses: [],
      routes: [],
      rules: [],
      routers: [],
      reverseFilter: null,
      routerMetric: null,
      resolvers: [],
      rxBytes: null,
      ...(otherWays ? { otherWays } : {}),
    },
  });

  it('are those that no modem of the agent is', () => {
    expect(uplinksOf([seen('wwan0', ['eth0', 'wwan1']), seen('wwan1', ['eth0', 'wwan0'])])).toEqual(['eth0']);
    expect(uplinksOf([seen('wwan0', [])])).toEqual([]);
  });

  it('are not known where nobody looked', () => {
    expect(uplinksOf([seen('wwan0'), observed])).toBeNull();
  });
});
