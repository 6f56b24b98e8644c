/** Where a network takes its addresses from. */
export interface AddressPool {
  /** IPv4 address of the gateway before all that it gives. */
  readonly gateway: string;
  take(type: 'ipv4' | 'ipv6'): string;
}

/** Hands out addresses one after the other: IPv4 of 10.0.0.0/8 below `prefix` (second octet), IPv6 of the documentation prefix. */
export function createAddressPool(prefix: number): AddressPool {
  let next = 2;
  return {
    gateway: `10.${prefix & 0xff}.0.1`,
    take(type) {
      const number = next;
      next = next >= 0xfffe ? 2 : next + 1;
      if (type === 'ipv4') return `10.${prefix & 0xff}.${number >> 8}.${number & 0xff}`;
      return `2001:db8:${prefix.toString(16)}:${number.toString(16)}::1`;
    },
  };
}
