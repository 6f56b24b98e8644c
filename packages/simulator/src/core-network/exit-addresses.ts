import { parseIpv4Address } from '../ip/address.ts';

/** Addresses one after the other, the first included. */
export function exitAddresses(first: string, count: number): readonly string[] {
  const start = parseIpv4Address(first)?.reduce((sum, byte) => sum * 256 + byte, 0);
  if (start === undefined) return [];
  return Array.from({ length: count }, (_, index) =>
    [24, 16, 8, 0].map((shift) => Math.floor((start + index) / 2 ** shift) % 256).join('.'),
  );
}
