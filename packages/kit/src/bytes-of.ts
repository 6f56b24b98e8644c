/** Stands for half of a surrogate pair, which UTF-8 has no bytes for. */
const replacement = 0xfffd;

const tail = (bits: number): number => 0x80 | (bits & 0x3f);

/** RFC 3629, section 3. */
function encoded(point: number): number[] {
  if (point < 0x80) return [point];
  if (point < 0x800) return [0xc0 | (point >> 6), tail(point)];
  if (point >= 0xd800 && point < 0xe000) return encoded(replacement);
  if (point < 0x10000) return [0xe0 | (point >> 12), tail(point >> 6), tail(point)];
  return [0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point)];
}

/** UTF-8. A short line of ASCII, as nearly all that is said to modems and by them, costs an encoder more than a walk over it. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return Uint8Array.from(Array.from(text, (character) => encoded(character.codePointAt(0) ?? replacement)).flat());
    bytes[index] = code;
  }
  return bytes;
}
