import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leaseScript, parseLease } from './dhcp-lease.ts';

/** What the script prints when udhcpc calls it so. */
function told(event: string, environment: Record<string, string>): string {
  return spawnSync('/bin/sh', ['-c', leaseScript, 'udhcpc-lease', event], { encoding: 'utf8', env: environment }).stdout;
}

const bound = {
  ip: '192.168.225.30',
  mask: '24',
  subnet: '255.255.255.0',
  router: '192.168.225.1',
  dns: '192.168.225.1 9.9.9.9',
  lease: '43200',
  mtu: '1430',
};

describe('a DHCP lease', () => {
  it('is what udhcpc tells the script', () => {
    expect(parseLease(told('deconfig', {}) + told('bound', bound))).toEqual({
      address: { address: '192.168.225.30', prefixLength: 24 },
      gateway: '192.168.225.1',
      resolvers: ['192.168.225.1', '9.9.9.9'],
      mtu: 1430,
      leaseS: 43_200,
    });
  });

  it('makes do with an address alone', () => {
    expect(parseLease(told('bound', { ip: '10.0.0.2' }))).toEqual({
      address: { address: '10.0.0.2', prefixLength: 32 },
      gateway: null,
      resolvers: [],
      mtu: null,
      leaseS: 43_200,
    });
  });

  it.each([
    ['255.255.255.252', 30],
    ['255.0.0.0', 8],
    ['255.255.255.255', 32],
    ['255.0.255.0', 32],
  ])('counts the mask %s as /%i', (subnet, prefixLength) => {
    expect(parseLease(told('bound', { ip: '10.0.0.2', subnet }))?.address.prefixLength).toBe(prefixLength);
  });

  it('is none when the server said nothing, refused, or gave no address', () => {
    expect(parseLease(told('deconfig', {}) + told('leasefail', {}))).toBeNull();
    expect(parseLease(told('nak', bound))).toBeNull();
    expect(parseLease(told('bound', { ip: '300.1.1.1' }))).toBeNull();
  });

  it('takes nothing from a hostile server but addresses and numbers', () => {
    const lines = fc.string({ unit: fc.constantFrom('e', 'v', 'n', 't', '=', 'b', 'o', 'u', 'd', 'i', 'p', '\n', ' ', '1', '.') });
    fc.assert(
      fc.property(lines, (router) => {
        const lease = parseLease(
          `event=bound\nip=10.0.0.2\nmask=24\nsubnet=\nrouter=${router.replaceAll('\n', ' ')}\ndns=\nlease=\nmtu=\n`,
        );
        expect(lease?.address.address).toBe('10.0.0.2');
        expect(lease?.gateway === null || /^[\d.]+$/.test(lease?.gateway ?? '')).toBe(true);
      }),
    );
  });
});
