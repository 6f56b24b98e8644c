/** The four bytes of a dotted address, or null. */
export function parseIpv4Address(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return null;
  return Uint8Array.from(parts, Number);
}

export function formatIpv4Address(bytes: Uint8Array): string {
  return bytes.subarray(0, 4).join('.');
}

function parseGroups(text: string): readonly number[] | null {
  if (text === '') return [];
  const groups = text.split(':');
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : null;
}

/** The sixteen bytes of an address in the text form of RFC 4291 (without embedded IPv4), or null. */
export function parseIpv6Address(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? '');
  const tail = parseGroups(halves[1] ?? '');
  if (!head || !tail) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** RFC 5952: lower case, the longest run of zeros shortened. */
export function formatIpv6Address(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => (byteAt(bytes, index * 2) << 8) | byteAt(bytes, index * 2 + 1));
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const write = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (best.length < 2) return write(groups);
  return `${write(groups.slice(0, best.start))}::${write(groups.slice(best.start + best.length))}`;
}

/** An address of either family in bytes. */
export function parseAddress(text: string): Uint8Array | null {
  return text.includes(':') ? parseIpv6Address(text) : parseIpv4Address(text);
}

/** Four bytes are an IPv4 address, others an IPv6 address. */
export function formatAddress(bytes: Uint8Array): string {
  return bytes.length === 4 ? formatIpv4Address(bytes) : formatIpv6Address(bytes);
}

/** The first 64 bits as text: a key for tables. */
export function prefixKey(address: Uint8Array): string {
  return address.subarray(0, 8).join('.');
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** The byte at an offset; beyond the end 0. */
export function byteAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0;
}

/** The big-endian number of two bytes; beyond the end 0. */
export function uint16At(bytes: Uint8Array, offset: number): number {
  return (byteAt(bytes, offset) << 8) | byteAt(bytes, offset + 1);
}

/** A copy in memory of its own: `slice` of a Node Buffer, which a socket or a tunnel hands in, would be a view. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** Puts parts behind each other. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

export function uint16Bytes(...numbers: readonly number[]): Uint8Array {
  return Uint8Array.from(numbers.flatMap((number) => [(number >> 8) & 0xff, number & 0xff]));
}

export function uint32Bytes(number: number): Uint8Array {
  return Uint8Array.of((number >>> 24) & 0xff, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff);
}
