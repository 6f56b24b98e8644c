import { decodeNtb16, encodeNtb16, type NtbStream } from './ntb16.ts';

/** The datagrams of one stream in transfer blocks. */
export interface NtbFraming {
  /** One datagram in a block of its own, numbered in turn. */
  wrap(datagram: Uint8Array): Uint8Array;
  /** Those of this stream; empty for what is no block. */
  unwrap(block: Uint8Array): readonly Uint8Array[];
}

function sameStream(a: NtbStream, b: NtbStream): boolean {
  return a.kind === 'ip' ? b.kind === 'ip' && a.session === b.session : b.kind === 'ethernet';
}

/** Ethernet frames are NCM's, IP packets of session 0 are those of MBIM's network interface. */
export function createNtbFraming(stream: NtbStream): NtbFraming {
  let sequence = 0;
  return {
    wrap(datagram) {
      const block = encodeNtb16([datagram], { sequence, stream });
      sequence = (sequence + 1) & 0xffff;
      return block;
    },
    unwrap: (block) => decodeNtb16(block).flatMap((one) => (sameStream(one.stream, stream) ? [one.data] : [])),
  };
}
