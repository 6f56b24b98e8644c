/** RFC 1662 appendix C.2. */
const table: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x8408 : value >>> 1;
  return value;
});

/** What `fcs16` gives over a frame with its own FCS behind it, when both are whole. */
export const goodFcs16 = 0xf0b8;

/** The running FCS-16 over bytes, not yet complemented. */
export function fcs16(bytes: Uint8Array): number {
  let fcs = 0xffff;
  for (const byte of bytes) fcs = (fcs >>> 8) ^ (table[(fcs ^ byte) & 0xff] ?? 0);
  return fcs;
}
