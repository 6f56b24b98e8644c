import { byteAt, concatBytes, sameBytes, uint16At, uint16Bytes, uint32Bytes } from '../ip/address.ts';

/** Message types of RFC 2132 clause 9.6. */
export const dhcpTypes = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6, release: 7, inform: 8 } as const;

/** Option numbers of RFC 2132. */
export const dhcpOptions = {
  mask: 1,
  router: 3,
  dns: 6,
  mtu: 26,
  requested: 50,
  lease: 51,
  type: 53,
  server: 54,
  renewal: 58,
  rebinding: 59,
} as const;

const magic = Uint8Array.of(99, 130, 83, 99);
const fixedLength = 236;
const [bootRequest, bootReply] = [1, 2] as const;

/** What a client sent. */
export interface DhcpRequest {
  readonly type: number;
  readonly transaction: Uint8Array;
  readonly flags: number;
  /** The address that the client already uses; zero otherwise. */
  readonly clientAddress: Uint8Array;
  readonly clientMac: Uint8Array;
  readonly options: ReadonlyMap<number, Uint8Array>;
}

function readOptions(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  let offset = 0;
  while (offset < bytes.length && byteAt(bytes, offset) !== 255) {
    const code = byteAt(bytes, offset);
    if (code === 0) {
      offset += 1;
      continue;
    }
    const length = byteAt(bytes, offset + 1);
    if (offset + 2 + length > bytes.length) break;
    options.set(code, bytes.subarray(offset + 2, offset + 2 + length));
    offset += 2 + length;
  }
  return options;
}

/** A client's message (RFC 2131 clause 2), or null for anything else. */
export function parseDhcpRequest(bytes: Uint8Array): DhcpRequest | null {
  if (bytes.length < fixedLength + 4 || byteAt(bytes, 0) !== bootRequest) return null;
  if (!sameBytes(bytes.subarray(fixedLength, fixedLength + 4), magic)) return null;
  const options = readOptions(bytes.subarray(fixedLength + 4));
  const type = options.get(dhcpOptions.type)?.[0];
  if (type === undefined) return null;
  return {
    type,
    transaction: bytes.subarray(4, 8),
    flags: uint16At(bytes, 10),
    clientAddress: bytes.subarray(12, 16),
    clientMac: bytes.subarray(28, 34),
    options,
  };
}

export interface DhcpReply {
  readonly type: number;
  /** What the client may use; zero in a refusal. */
  readonly address: Uint8Array;
  readonly server: Uint8Array;
  readonly options: readonly (readonly [code: number, value: Uint8Array])[];
}

export function buildDhcpReply(request: DhcpRequest, { type, address, server, options }: DhcpReply): Uint8Array {
  const head = concatBytes(Uint8Array.of(bootReply, 1, 6, 0), request.transaction, uint16Bytes(0, request.flags));
  const addresses = concatBytes(request.clientAddress, address, server, new Uint8Array(4));
  const fixed = concatBytes(head, addresses, request.clientMac, new Uint8Array(fixedLength - 34), magic);
  const all = [[dhcpOptions.type, Uint8Array.of(type)] as const, [dhcpOptions.server, server] as const, ...options];
  return concatBytes(fixed, ...all.map(([code, value]) => concatBytes(Uint8Array.of(code, value.length), value)), Uint8Array.of(255));
}

export function seconds(number: number): Uint8Array {
  return uint32Bytes(number);
}
