import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Conditions, obstacleTo, type Preflight } from './preflight.ts';
import type { Configuration } from './transaction.ts';

const wallMs = Date.UTC(2027, 0, 1);
const well: Conditions = {
  volatileState: null,
  battery: { percent: 80, isDischarging: true },
  heat: { sensor: 'cpu', celsius: 60, limitCelsius: 100 },
};
const named = { host: 'fleet.example', usesTls: true, families: [4] } as const;

function to(ipType: 'ipv4' | 'ipv6' | 'ipv4v6'): Configuration {
  const profile = { apn: 'a', ipType, auth: 'none', dataMode: 'auto', roaming: false } as const;
  return { key: 'a', rule: 'a', profileRef: 'a@1', mode: 'ecm', profile };
}

const codeOf = (preflight: Partial<Preflight>, ipType: 'ipv4' | 'ipv6' | 'ipv4v6' = 'ipv4') =>
  obstacleTo(to(ipType), { conditions: well, destination: named, wallMs, inTouch: false, ...preflight })?.code ?? null;

describe('a change', () => {
  it.each<[string, Partial<Preflight>, string | null]>([
    ['begins where all is well', {}, null],
    ['begins where nobody knows anything of the host', { conditions: null, destination: null }, null],
    [
      'is refused where a loss of power takes its journal',
      { conditions: { ...well, volatileState: 'tmpfs at /run' } },
      'transaction.state-volatile',
    ],
    ['is refused before the clock was set, as no certificate is valid yet', { wallMs: 0 }, 'transaction.clock-unset'],
    ['begins in 1970 where the control plane is met all the same', { wallMs: 0, inTouch: true }, null],
    ['begins in 1970 where no certificate is looked at', { wallMs: 0, destination: { ...named, usesTls: false } }, null],
    [
      'is refused on a battery that is nearly empty',
      { conditions: { ...well, battery: { percent: 14, isDischarging: true } } },
      'transaction.battery-low',
    ],
    ['begins on one that is being charged', { conditions: { ...well, battery: { percent: 14, isDischarging: false } } }, null],
    [
      'is refused near what a sensor may bear',
      { conditions: { ...well, heat: { sensor: 'cpu', celsius: 95, limitCelsius: 100 } } },
      'transaction.too-hot',
    ],
  ])('%s', (_what, preflight, code) => {
    expect(codeOf(preflight)).toBe(code);
  });

  it.each([
    ['192.0.2.1', null, 'ipv6', true],
    ['192.0.2.1', null, 'ipv4', false],
    ['192.0.2.1', null, 'ipv4v6', false],
    ['2001:db8::1', null, 'ipv4', true],
    ['2001:db8::1', null, 'ipv6', false],
    ['fleet.example', [6], 'ipv4', true],
    ['fleet.example', [6], 'ipv4v6', false],
    ['fleet.example', [4, 6], 'ipv4', false],
    // Its operator may have DNS64.
    ['fleet.example', [4], 'ipv6', false],
    ['fleet.example', null, 'ipv6', false],
  ] as const)('to a control plane at %s (addresses of IPv%j) as %s is refused: %s', (host, families, ipType, isRefused) => {
    const code = codeOf({ destination: { host, usesTls: true, families } }, ipType);
    expect(code).toBe(isRefused ? 'transaction.endpoint-ip-type' : null);
  });

  it('is never refused by what is not known', () => {
    const families = fc.constantFrom(null, [4] as const, [4, 6] as const);
    fc.assert(
      fc.property(fc.constantFrom('ipv4', 'ipv4v6'), families, (ipType, known) => {
        const conditions = { volatileState: null, battery: null, heat: null };
        expect(codeOf({ conditions, destination: { ...named, families: known } }, ipType)).toBeNull();
      }),
    );
  });
});
