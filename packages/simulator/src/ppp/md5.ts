import { byteAt, concatBytes } from '../ip/address.ts';

/** Shifts and sines of RFC 1321 clause 3.4. */
const shifts: readonly number[] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const sines: readonly number[] = Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32));

type Words = readonly [number, number, number, number];

/** The mixing function of a step, and which word of the block it takes. */
function mixed([, b, c, d]: Words, step: number): readonly [value: number, word: number] {
  if (step < 16) return [(b & c) | (~b & d), step];
  if (step < 32) return [(d & b) | (~d & c), (5 * step + 1) % 16];
  if (step < 48) return [b ^ c ^ d, (3 * step + 5) % 16];
  return [c ^ (b | ~d), (7 * step) % 16];
}

function wordAt(bytes: Uint8Array, offset: number): number {
  return byteAt(bytes, offset) | (byteAt(bytes, offset + 1) << 8) | (byteAt(bytes, offset + 2) << 16) | (byteAt(bytes, offset + 3) << 24);
}

function digestBlock(before: Words, block: Uint8Array): Words {
  let words: Words = before;
  for (let step = 0; step < 64; step += 1) {
    const [a, b, c, d] = words;
    const [value, word] = mixed(words, step);
    const sum = (a + value + (sines[step] ?? 0) + wordAt(block, word * 4)) | 0;
    const shift = shifts[(step >> 4) * 4 + (step % 4)] ?? 0;
    words = [d, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0, b, c];
  }
  return [(before[0] + words[0]) | 0, (before[1] + words[1]) | 0, (before[2] + words[2]) | 0, (before[3] + words[3]) | 0];
}

/** MD5 (RFC 1321), which CHAP still asks for. Here without a platform's crypto, so that the simulator runs on any runtime. */
export function md5(message: Uint8Array): Uint8Array {
  const padding = new Uint8Array(((119 - (message.length % 64)) % 64) + 1);
  padding[0] = 0x80;
  const bits = message.length * 8;
  const length = Uint8Array.of(bits, bits >>> 8, bits >>> 16, bits >>> 24, 0, 0, 0, 0);
  const padded = concatBytes(message, padding, length);
  let words: Words = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let offset = 0; offset < padded.length; offset += 64) words = digestBlock(words, padded.subarray(offset, offset + 64));
  return Uint8Array.from(words.flatMap((word) => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, (word >>> 24) & 0xff]));
}
