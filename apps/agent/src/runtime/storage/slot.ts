/**
 * One slot of the journal, as text so that a person can read it:
 *
 *     towline-journal 1 <sequence> <octets of body> <CRC-32 of sequence and body, hexadecimal>\n<body>\n…
 *
 * padded with line feeds to the slot's fixed size, so that writing it never asks the file system for room.
 */
export interface Slot {
  /** Grows with each write; the higher of two intact slots counts. */
  readonly sequence: number;
  readonly body: string;
}

export const slotBytes = 16_384;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const headPattern = /^towline-journal 1 (\d{1,15}) (\d{1,5}) ([0-9a-f]{8})$/;

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as in IEEE 802.3, of the text's UTF-8 octets. */
export function crc32(text: string): string {
  let crc = 0xffffffff;
  for (const octet of encoder.encode(text)) crc = (crc >>> 8) ^ (crcTable[(crc ^ octet) & 0xff] ?? 0);
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

const sumOf = ({ sequence, body }: Slot) => crc32(`${sequence} ${body}`);

/** Null when the body is too long for a slot. @param size octets to fill at least: what is written over a slot need not reach to its end */
export function encodeSlot(slot: Slot, size = slotBytes): Uint8Array | null {
  const body = encoder.encode(slot.body);
  const head = encoder.encode(`towline-journal 1 ${slot.sequence} ${body.length} ${sumOf(slot)}\n`);
  if (head.length + body.length >= slotBytes) return null;
  const bytes = new Uint8Array(Math.max(size, head.length + body.length + 1)).fill(0x0a);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** Null for whatever is not a slot that was written whole. */
export function decodeSlot(bytes: Uint8Array): Slot | null {
  const end = bytes.indexOf(0x0a);
  const head = end < 0 ? null : headPattern.exec(asText(bytes.subarray(0, end)) ?? '');
  if (!head) return null;
  const length = Number(head[2]);
  const body = asText(bytes.subarray(end + 1, end + 1 + length));
  if (body === null || encoder.encode(body).length !== length) return null;
  const slot = { sequence: Number(head[1]), body };
  return sumOf(slot) === head[3] ? slot : null;
}

function asText(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
