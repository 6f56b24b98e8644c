/** Where a byte stream of MQTT packets stands. */
export interface PacketScan {
  /** Octets of the running packet's body still to come. */
  readonly body: number;
  /** Octets of the remaining-length field read so far, or -1 when a packet type comes next. */
  readonly lengthOctets: number;
  readonly length: number;
}

export const firstPacket: PacketScan = { body: 0, lengthOctets: -1, length: 0 };

/**
 * Follows the fixed headers (MQTT 3.1.1 clause 2.2) without keeping anything, so that a peer can't make the parser
 * gather a packet of up to 256 MB in memory.
 * @returns the scan after the chunk, or null when a packet announces more than `limit` octets or a malformed length
 */
export function scanPackets(scan: PacketScan, chunk: Uint8Array, limit: number): PacketScan | null {
  let { body, lengthOctets, length } = scan;
  for (let index = 0; index < chunk.length; ) {
    if (body > 0) {
      const step = Math.min(body, chunk.length - index);
      body -= step;
      index += step;
      continue;
    }
    const octet = chunk[index] ?? 0;
    index += 1;
    if (lengthOctets < 0) {
      lengthOctets = 0;
      length = 0;
      continue;
    }
    length += (octet & 0x7f) * 128 ** lengthOctets;
    lengthOctets += 1;
    if (length > limit || lengthOctets > 4) return null;
    if ((octet & 0x80) === 0) {
      body = length;
      lengthOctets = -1;
    }
  }
  return { body, lengthOctets, length };
}
