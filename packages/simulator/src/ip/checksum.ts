import { byteAt, uint16At } from './address.ts';

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return folded;
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let offset = 0; offset < bytes.length; offset += 2) sum += (byteAt(bytes, offset) << 8) | byteAt(bytes, offset + 1);
  return sum;
}

/** The Internet checksum (RFC 1071) over parts, each of them of even length but the last. Over bytes that hold a right one it is 0. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  return fold(parts.reduce((sum, part) => sum + sumOf(part), 0)) ^ 0xffff;
}

/** A checksum after some of what it covers was replaced (RFC 1624, equation 3). Both are of even length. */
export function adjustedChecksum(checksum: number, removed: Uint8Array, added: Uint8Array): number {
  let sum = checksum ^ 0xffff;
  for (let offset = 0; offset < removed.length; offset += 2) sum += uint16At(removed, offset) ^ 0xffff;
  return fold(sum + sumOf(added)) ^ 0xffff;
}
