import { isIP } from 'node:net';

/** `10.1.0.0/16` or `fd00::/8`. */
export interface NamedNetwork {
  readonly address: string;
  readonly prefix: number;
}

/** Null when it is none. */
export function parseNetwork(text: string): NamedNetwork | null {
  const [, address = '', digits = ''] = /^([\d.]+|[\da-f:.]+)\/(\d{1,3})$/i.exec(text) ?? [];
  const family = isIP(address);
  const prefix = Number(digits);
  return family === 0 || prefix > (family === 4 ? 32 : 128) ? null : { address, prefix };
}
