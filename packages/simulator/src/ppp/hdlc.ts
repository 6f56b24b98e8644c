import { byteAt, concatBytes } from '../ip/address.ts';
import { fcs16, goodFcs16 } from './fcs16.ts';

const [flag, escape, flip] = [0x7e, 0x7d, 0x20] as const;
/** Longest frame that is taken, in bytes: twice the largest MRU that anybody negotiates here. */
const frameBound = 4_096;

/** One PPP packet as it stands between the flags, address and control included. */
export interface PppPacket {
  readonly protocol: number;
  readonly information: Uint8Array;
}

/** The map of RFC 1662 clause 7.1 in which every control character is escaped: what holds before LCP agreed on another. */
export const escapeAll = 0xffff_ffff;

/** A frame of RFC 1662: flags around it, FCS-16, escaped by the map (bit n: character n). Nothing is compressed. */
export function encodeFrame({ protocol, information }: PppPacket, characterMap: number): Uint8Array {
  const body = concatBytes(Uint8Array.of(0xff, 0x03, protocol >> 8, protocol & 0xff), information);
  const fcs = fcs16(body) ^ 0xffff;
  const bytes: number[] = [flag];
  for (const byte of concatBytes(body, Uint8Array.of(fcs & 0xff, fcs >> 8))) {
    const escaped = byte === flag || byte === escape || (byte < 0x20 && ((characterMap >>> byte) & 1) === 1);
    if (escaped) bytes.push(escape, byte ^ flip);
    else bytes.push(byte);
  }
  bytes.push(flag);
  return Uint8Array.from(bytes);
}

/** Takes address, control and the protocol number off, compressed or not (RFC 1661 clauses 6.5 and 6.6). */
function packetOf(frame: Uint8Array): PppPacket | null {
  const start = byteAt(frame, 0) === 0xff && byteAt(frame, 1) === 0x03 ? 2 : 0;
  // The last byte of a protocol number is odd, every other one is even (RFC 1661 clause 2).
  const isShort = (byteAt(frame, start) & 1) === 1;
  const end = start + (isShort ? 1 : 2);
  if (end > frame.length) return null;
  const protocol = isShort ? byteAt(frame, start) : (byteAt(frame, start) << 8) | byteAt(frame, start + 1);
  return { protocol, information: frame.subarray(end) };
}

/** Finds packets in a stream of bytes that comes in any pieces. */
export interface Deframer {
  receive(bytes: Uint8Array): void;
}

/** Calls `packet` for each whole frame with the right FCS; everything else is passed over. */
export function createDeframer(packet: (packet: PppPacket) => void): Deframer {
  let frame: number[] = [];
  let escaped = false;
  const end = (): void => {
    const whole = Uint8Array.from(frame);
    const aborted = escaped;
    frame = [];
    escaped = false;
    if (aborted || whole.length < 4 || whole.length > frameBound || fcs16(whole) !== goodFcs16) return;
    const found = packetOf(whole.subarray(0, -2));
    if (found) packet(found);
  };
  return {
    receive(bytes) {
      for (const byte of bytes) {
        if (byte === flag) end();
        else if (byte === escape) escaped = true;
        // One beyond the bound marks the frame as too long; the rest is not kept.
        else if (frame.length <= frameBound) {
          frame.push(escaped ? byte ^ flip : byte);
          escaped = false;
        }
      }
    },
  };
}
