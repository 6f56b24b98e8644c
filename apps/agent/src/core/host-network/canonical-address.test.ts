import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress } from './canonical-address.ts';

describe('the one spelling of an address', () => {
  it.each([
    ['10.0.0.2', '10.0.0.2'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0002', '2001:db8::2'],
    ['2001:db8:0:1:0:0:0:2', '2001:db8:0:1::2'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::', '::'],
    ['fe80::1', 'fe80::1'],
    ['not:an:address', 'not:an:address'],
    ['1::2::3', '1::2::3'],
  ])('%s is %s', (address, canonical) => {
    expect(canonicalAddress(address)).toBe(canonical);
  });

  it('agrees with URL on every IPv6 address, and with itself', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        fc.pre(!address.includes('.'));
        const canonical = canonicalAddress(address);
        expect(`[${canonical}]`).toBe(new URL(`http://[${address}]`).hostname);
        expect(canonicalAddress(canonical)).toBe(canonical);
      }),
    );
  });
});
