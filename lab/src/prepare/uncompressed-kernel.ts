import { Fault } from '@towline/kit';

/** FD 37 7A 58 5A 00, clause 2.1.1.1 of the .xz file format. */
const xzMagic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);
/** The boot code before the payload has the magic too, as data. */
const bootCodeBytes = 20_000;

/**
 * The xz stream that a bzImage carries. Uncompressed, it boots by PVH in two thirds of the time that bzImage takes under TCG.
 * Bytes follow the stream: read one stream only.
 * @throws Fault `lab.no-payload` when the kernel is packed otherwise
 */
export function kernelPayload(image: Buffer): Buffer {
  const at = image.indexOf(xzMagic, bootCodeBytes);
  if (at < 0) throw new Fault('lab.no-payload', 'the kernel image carries no xz stream');
  return image.subarray(at);
}
