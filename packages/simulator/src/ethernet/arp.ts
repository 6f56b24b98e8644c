import { concatBytes, sameBytes, uint16At, uint16Bytes } from '../ip/address.ts';

/** Ethernet and IPv4 (RFC 826). */
const kinds = uint16Bytes(1, 0x0800, 0x0604);
const operations = { request: 1, reply: 2 } as const;

/**
 * The reply to an ARP request, or null for anything else. The modem answers for every address but the host's own:
 * whatever lies behind it is reached through it. A probe for the host's own address (RFC 5227) meets silence.
 */
export function answerArp(request: Uint8Array, mac: Uint8Array, hostAddress: Uint8Array): Uint8Array | null {
  if (request.length < 28 || !sameBytes(request.subarray(0, 6), kinds) || uint16At(request, 6) !== operations.request) return null;
  const target = request.subarray(24, 28);
  const sender = request.subarray(14, 18);
  if (sameBytes(target, hostAddress) || sameBytes(target, sender)) return null;
  return concatBytes(kinds, uint16Bytes(operations.reply), mac, target, request.subarray(8, 14), sender);
}
