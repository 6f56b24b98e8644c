import { uint32Bytes } from './address.ts';

function numberOf(address: Uint8Array): number {
  return address.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** The longest prefix, at most 30, under which two IPv4 addresses are two hosts of one subnet. A bearer has no mask: modems make one up like this. */
export function sharedPrefixLength(a: Uint8Array, b: Uint8Array): number {
  for (let length = 30; length > 0; length -= 1) {
    const size = 2 ** (32 - length);
    const isHost = (number: number): boolean => number % size !== 0 && number % size !== size - 1;
    const [one, other] = [numberOf(a), numberOf(b)];
    if (Math.floor(one / size) === Math.floor(other / size) && isHost(one) && isHost(other)) return length;
  }
  return 0;
}

/** The mask of a prefix length, in bytes. */
export function subnetMask(prefixLength: number): Uint8Array {
  return uint32Bytes(prefixLength === 0 ? 0 : -(2 ** (32 - prefixLength)));
}
