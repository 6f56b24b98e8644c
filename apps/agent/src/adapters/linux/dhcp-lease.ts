import { canonicalAddress } from '../../core/host-network/canonical-address.ts';
import type { OfferedLease } from '../../runtime/ports.ts';

/** What udhcpc calls with each event: it tells what the server said and changes nothing. busybox, examples/udhcp/simple.script names the variables. */
export const leaseScript = `#!/bin/sh
printf '%s=%s\\n' event "$1" ip "$ip" mask "$mask" subnet "$subnet" router "$router" dns "$dns" lease "$lease" mtu "$mtu"
`;

/** RFC 2131 has no default; half a day is what home routers give. */
const fallbackLeaseS = 12 * 3_600;
const ipv4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

function prefixLength(mask: string, subnet: string): number {
  if (/^\d+$/.test(mask)) return Math.min(32, Number(mask));
  const bits = subnet
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
  // RFC 2132 clause 3.3: without a mask the address stands alone.
  return ipv4.test(subnet) && /^1*0*$/.test(bits) ? bits.replace(/0+$/, '').length : 32;
}

const addressesOf = (text: string) =>
  text
    .split(' ')
    .filter((one) => ipv4.test(one))
    .map(canonicalAddress);

/** The lease of the last `bound` or `renew` that the script told; null when there was none. */
export function parseLease(text: string): OfferedLease | null {
  const said = text.split(/^event=/m).slice(1);
  const granted = said.findLast((block) => /^(bound|renew)\n/.test(block));
  if (granted === undefined) return null;
  const values = new Map(granted.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const));
  const value = (name: string) => values.get(name) ?? '';
  const [address] = addressesOf(value('ip'));
  if (address === undefined) return null;
  const seconds = Number(value('lease'));
  const mtu = Number(value('mtu'));
  return {
    address: { address, prefixLength: prefixLength(value('mask'), value('subnet')) },
    gateway: addressesOf(value('router'))[0] ?? null,
    resolvers: addressesOf(value('dns')),
    mtu: Number.isInteger(mtu) && mtu >= 576 ? mtu : null,
    leaseS: Number.isInteger(seconds) && seconds > 0 ? seconds : fallbackLeaseS,
  };
}
