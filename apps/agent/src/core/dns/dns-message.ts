import { canonicalAddress } from '../host-network/canonical-address.ts';

/** Types of resource records that the agent asks for (RFC 1035 clause 3.2.2, RFC 3596). */
export const recordTypes = { A: 1, NS: 2, AAAA: 28 } as const;
export type RecordType = keyof typeof recordTypes;

export interface DnsQuestion {
  /** 0 to 65535. */
  readonly id: number;
  /** Without the last dot; empty for the root. */
  readonly name: string;
  readonly type: RecordType;
}

export interface DnsAnswer {
  readonly id: number;
  /** 0: no error; 3: there is no such name. */
  readonly code: number;
  readonly addresses: readonly string[];
}

const ascii = (text: string) => Array.from(text, (character) => character.charCodeAt(0));

/** The octets of a question with recursion wanted; null for what is no name (RFC 1035 clause 2.3.4). */
export function encodeQuestion({ id, name, type }: DnsQuestion): Uint8Array | null {
  const labels = name === '' ? [] : name.split('.');
  if (name.length > 253 || labels.some((label) => !/^[A-Za-z0-9_-]{1,63}$/.test(label))) return null;
  const header = [id >> 8, id & 0xff, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
  const question = labels.flatMap((label) => [label.length, ...ascii(label)]);
  return Uint8Array.from([...header, ...question, 0, 0, recordTypes[type], 0, 1]);
}

const uint16 = (bytes: Uint8Array, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** Where a name ends: it may point back to an earlier one (clause 4.1.4), which is not followed. */
function endOfName(bytes: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const length = bytes[at] ?? 0;
    if (length >= 0xc0) return at + 2;
    if (length === 0 || at >= bytes.length) return at + 1;
    at += length + 1;
  }
}

function addressOf(type: number, data: Uint8Array): string | null {
  if (type === recordTypes.A && data.length === 4) return Array.from(data).join('.');
  if (type !== recordTypes.AAAA || data.length !== 16) return null;
  const groups = Array.from({ length: 8 }, (_, index) => uint16(data, index * 2).toString(16));
  return canonicalAddress(groups.join(':'));
}

/** What a resolver answered; null for what is no answer. Never throws, whatever comes. */
export function decodeAnswer(bytes: Uint8Array): DnsAnswer | null {
  const isAnswer = bytes.length >= 12 && ((bytes[2] ?? 0) & 0x80) !== 0;
  if (!isAnswer) return null;
  let at = 12;
  for (let questions = uint16(bytes, 4); questions > 0 && at < bytes.length; questions -= 1) at = endOfName(bytes, at) + 4;
  const addresses: string[] = [];
  for (let records = uint16(bytes, 6); records > 0 && at < bytes.length; records -= 1) {
    const fixed = endOfName(bytes, at);
    const length = uint16(bytes, fixed + 8);
    const address = addressOf(uint16(bytes, fixed), bytes.subarray(fixed + 10, fixed + 10 + length));
    if (address !== null) addresses.push(address);
    at = fixed + 10 + length;
  }
  return { id: uint16(bytes, 0), code: (bytes[3] ?? 0) & 0x0f, addresses };
}
