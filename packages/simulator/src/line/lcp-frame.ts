/** FCS-16 of RFC 1662 appendix C, bit by bit. */
function fcs16(bytes: readonly number[]): number {
  let fcs = 0xffff;
  for (const byte of bytes) {
    fcs ^= byte;
    for (let bit = 0; bit < 8; bit += 1) fcs = fcs & 1 ? (fcs >>> 1) ^ 0x8408 : fcs >>> 1;
  }
  return fcs ^ 0xffff;
}

/** The LCP Configure-Request with which a modem greets after CONNECT: RFC 1661 in the framing of RFC 1662. */
export function lcpConfigureRequest(id: number): Uint8Array {
  // ACCM 0, magic number; protocol 0xc021, code 1.
  const options = [0x02, 0x06, 0, 0, 0, 0, 0x05, 0x06, 0x12, 0x34, 0x56, 0x78];
  const frame = [0xff, 0x03, 0xc0, 0x21, 0x01, id & 0xff, 0x00, options.length + 4, ...options];
  const fcs = fcs16(frame);
  const escaped = [...frame, fcs & 0xff, fcs >>> 8].flatMap((byte) =>
    byte < 0x20 || byte === 0x7d || byte === 0x7e ? [0x7d, byte ^ 0x20] : [byte],
  );
  return Uint8Array.from([0x7e, ...escaped, 0x7e]);
}
