import { Fault } from '@towline/kit';

/** Crockford's base 32: no i, l, o, u. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const length = 10;

/** A device handle of 50 random bits. @param bytes at least ten random ones */
export function deviceIdFrom(bytes: Uint8Array): string {
  if (bytes.length < length) throw new Fault('device-id.bytes', `a device id takes ${length} random bytes`);
  return Array.from(bytes.subarray(0, length), (byte) => alphabet.charAt(byte & 31)).join('');
}
