import { textOfSeptets, unpackSeptets } from './gsm-alphabet.ts';

/** A short message as it came in. */
export interface ShortMessage {
  /** With a leading `+` when it is an international number; letters where the sender has a name. */
  readonly sender: string;
  /** Of a message in 8-bit data each octet is one character. */
  readonly text: string;
  /** It has a user data header, as the parts of a long message have: the text may be one part of several. */
  readonly hasHeader: boolean;
}

/** Takes octets off the front; past the end it gives zeros and says so. */
class Octets {
  private readonly octets: Uint8Array;
  private at = 0;
  isShort = false;

  constructor(octets: Uint8Array) {
    this.octets = octets;
  }

  one(): number {
    return this.some(1)[0] ?? 0;
  }

  some(count: number): Uint8Array {
    const taken = this.octets.subarray(this.at, this.at + count);
    if (taken.length < count) this.isShort = true;
    this.at += count;
    return taken;
  }

  rest(): Uint8Array {
    return this.octets.subarray(this.at);
  }
}

function octetsOfHex(hex: string): Octets | null {
  if (!/^(?:[0-9A-Fa-f]{2}){1,200}$/.test(hex)) return null;
  return new Octets(Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
}

/** TS 23.040 clause 9.1.2.3: the last three are what networks use the rest of a nibble for. */
const digits = '0123456789*#abc';

/** Address field (TS 23.040 clause 9.1.2.5): length in digits, type, semi-octets or septets. */
function readAddress(octets: Octets): string {
  const length = octets.one();
  const type = octets.one();
  const value = octets.some(Math.ceil(length / 2));
  if ((type & 0x70) === 0x50) return textOfSeptets(unpackSeptets(value, Math.floor((length * 4) / 7)));
  const nibbles = [...value].flatMap((octet) => [octet & 0x0f, octet >> 4]).slice(0, length);
  return `${(type & 0x70) === 0x10 ? '+' : ''}${nibbles.map((nibble) => digits[nibble] ?? '').join('')}`;
}

type Alphabet = 'gsm-7' | 'octets' | 'ucs-2';
const alphabets: readonly Alphabet[] = ['gsm-7', 'octets', 'ucs-2', 'gsm-7'];

/** Data coding scheme (TS 23.038 clause 4); null for compressed text. What is reserved is the default alphabet, says the same clause. */
function alphabetOf(scheme: number): Alphabet | null {
  const group = scheme >> 4;
  if (group < 8) return (scheme & 0x20) === 0 ? (alphabets[(scheme >> 2) & 3] ?? 'gsm-7') : null;
  if (group === 0xe) return 'ucs-2';
  return group === 0xf && (scheme & 4) !== 0 ? 'octets' : 'gsm-7';
}

function readText(
  alphabet: Alphabet,
  { length, data, headerOctets }: { length: number; data: Uint8Array; headerOctets: number },
): string | null {
  if (alphabet === 'gsm-7') {
    if (data.length < Math.ceil((length * 7) / 8)) return null;
    // The text begins on a septet's boundary after the header (TS 23.040 clause 9.2.3.24).
    const headerSeptets = Math.ceil((headerOctets * 8) / 7);
    return textOfSeptets(unpackSeptets(data, Math.max(0, length - headerSeptets), headerSeptets * 7));
  }
  if (data.length < length) return null;
  const body = data.subarray(headerOctets, length);
  if (alphabet === 'octets') return String.fromCharCode(...body);
  const units = Array.from(
    { length: Math.floor(body.length / 2) },
    (_, index) => ((body[index * 2] ?? 0) << 8) | (body[index * 2 + 1] ?? 0),
  );
  return String.fromCharCode(...units);
}

/**
 * Reads an SMS-DELIVER as AT+CMGR gives it in PDU mode: the service centre's address, then the PDU of TS 23.040 clause 9.2.2.1, in
 * hexadecimal. Long messages are not put together.
 * @returns null when it is none: another kind of message, cut short, or compressed
 */
export function readSmsDeliver(hex: string): ShortMessage | null {
  const octets = octetsOfHex(hex.trim());
  if (!octets) return null;
  octets.some(octets.one());
  const first = octets.one();
  if ((first & 0x03) !== 0) return null;
  const sender = readAddress(octets);
  octets.one();
  const alphabet = alphabetOf(octets.one());
  octets.some(7);
  const length = octets.one();
  if (octets.isShort || !alphabet) return null;
  const data = octets.rest();
  const hasHeader = (first & 0x40) !== 0;
  const headerOctets = hasHeader ? (data[0] ?? 0) + 1 : 0;
  const text = readText(alphabet, { length, data, headerOctets });
  return text === null ? null : { sender, text, hasHeader };
}
