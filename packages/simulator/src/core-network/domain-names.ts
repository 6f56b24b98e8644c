import { byteAt, concatBytes, parseAddress, uint16At, uint16Bytes, uint32Bytes } from '../ip/address.ts';

/** What a resolver knows: names in lower case and their addresses of either family. */
export type DomainNames = ReadonlyMap<string, readonly string[]>;

const recordTypes = { a: 1, aaaa: 28 } as const;
const responseCodes = { none: 0, formatError: 1, noSuchName: 3, notImplemented: 4 } as const;
const headerLength = 12;
const lifetimeSeconds = 60;

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where the question ends. */
  readonly end: number;
}

/** The first question (RFC 1035 clause 4.1.2); null when it cannot be read. Questions are not compressed. */
function readQuestion(message: Uint8Array): Question | null {
  const labels: string[] = [];
  let offset = headerLength;
  for (let length = byteAt(message, offset); length !== 0; length = byteAt(message, offset)) {
    if (length > 63 || offset + length + 1 >= message.length || labels.length >= 127) return null;
    labels.push(String.fromCharCode(...message.subarray(offset + 1, offset + 1 + length)));
    offset += length + 1;
  }
  const end = offset + 5;
  if (end > message.length) return null;
  return { name: labels.join('.').toLowerCase(), type: uint16At(message, offset + 1), end };
}

function header(query: Uint8Array, code: number, answers: number): Uint8Array {
  // QR and RA set; opcode and RD as asked.
  const flags = 0x8080 | (uint16At(query, 2) & 0x7900) | code;
  return uint16Bytes(uint16At(query, 0), flags, code === responseCodes.formatError ? 0 : 1, answers, 0, 0);
}

function record(type: number, address: Uint8Array): Uint8Array {
  // The name is a pointer to the question's.
  return concatBytes(uint16Bytes(0xc00c, type, 1), uint32Bytes(lifetimeSeconds), uint16Bytes(address.length), address);
}

/** Answers one DNS query, or null for what is none. An unknown name does not exist; a known one may have no address of the kind. */
export function answerQuery(query: Uint8Array, names: DomainNames): Uint8Array | null {
  if (query.length < headerLength || (byteAt(query, 2) & 0x80) !== 0) return null;
  const question = uint16At(query, 4) === 1 ? readQuestion(query) : null;
  if (!question) return header(query, responseCodes.formatError, 0);
  const asked = query.subarray(headerLength, question.end);
  if ((byteAt(query, 2) & 0x78) !== 0) return concatBytes(header(query, responseCodes.notImplemented, 0), asked);
  const addresses = names.get(question.name);
  if (!addresses) return concatBytes(header(query, responseCodes.noSuchName, 0), asked);
  const length = question.type === recordTypes.a ? 4 : question.type === recordTypes.aaaa ? 16 : 0;
  const found = addresses.map(parseAddress).filter((address) => address?.length === length);
  const records = found.flatMap((address) => (address ? [record(question.type, address)] : []));
  return concatBytes(header(query, responseCodes.none, records.length), asked, ...records);
}
