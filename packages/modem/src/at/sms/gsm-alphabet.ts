/** GSM 7-bit default alphabet (3GPP TS 23.038 clause 6.2.1), by code; 0x1b begins a character of the extension table. */
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

const escape = 0x1b;

/** Clause 6.2.1.1. */
const extension: ReadonlyMap<number, string> = new Map([
  [0x0a, '\f'],
  [0x14, '^'],
  [0x28, '{'],
  [0x29, '}'],
  [0x2f, '\\'],
  [0x3c, '['],
  [0x3d, '~'],
  [0x3e, ']'],
  [0x40, '|'],
  [0x65, '€'],
]);

/** The text of these septets. A code that the extension table does not have is a space (clause 6.2.1.1, note 3). */
export function textOfSeptets(septets: readonly number[]): string {
  let text = '';
  for (let at = 0; at < septets.length; at += 1) {
    const code = septets[at] ?? 0;
    if (code !== escape) {
      text += basic[code] ?? ' ';
      continue;
    }
    at += 1;
    text += extension.get(septets[at] ?? -1) ?? ' ';
  }
  return text;
}

/** The septets of a text; null when a character is in neither table. */
export function septetsOfText(text: string): number[] | null {
  const septets: number[] = [];
  for (const char of text) {
    const code = char === '\u001b' ? -1 : basic.indexOf(char);
    const extended = [...extension].find(([, other]) => other === char)?.[0];
    if (code >= 0) septets.push(code);
    else if (extended !== undefined) septets.push(escape, extended);
    else return null;
  }
  return septets;
}

/** Clause 6.1.2.1.1: the first septet in the lowest bits. @param skipBits fill bits before the first septet */
export function unpackSeptets(octets: Uint8Array, count: number, skipBits = 0): number[] {
  const bit = (index: number) => ((octets[Math.floor(index / 8)] ?? 0) >> (index % 8)) & 1;
  return Array.from({ length: count }, (_, septet) => {
    let code = 0;
    for (let index = 0; index < 7; index += 1) code |= bit(skipBits + septet * 7 + index) << index;
    return code;
  });
}

/** The other way round. */
export function packSeptets(septets: readonly number[]): Uint8Array {
  const octets = new Uint8Array(Math.ceil((septets.length * 7) / 8));
  septets.forEach((code, septet) => {
    for (let index = 0; index < 7; index += 1) {
      const at = septet * 7 + index;
      const octet = Math.floor(at / 8);
      octets[octet] = (octets[octet] ?? 0) | (((code >> index) & 1) << (at % 8));
    }
  });
  return octets;
}
