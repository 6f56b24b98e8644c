import { sameBytes, uint16At, uint16Bytes, uint32Bytes } from '../ip/address.ts';
import type { ControlOption } from './control-packet.ts';
import type { OptionPolicy, Verdict } from './control-protocol.ts';
import { escapeAll } from './hdlc.ts';

/** Option numbers of RFC 1661 clause 6 and RFC 1662 clause 7.1. */
const types = { mru: 1, characterMap: 2, authentication: 3, magic: 5, protocolCompression: 7, addressCompression: 8 } as const;
const defaultMru = 1_500;
const smallestMru = 128;

/** How the host is asked to prove who it is. */
export type AuthMethod = 'chap' | 'pap';

const authValues: Readonly<Record<AuthMethod, Uint8Array>> = { chap: Uint8Array.of(0xc2, 0x23, 5), pap: Uint8Array.of(0xc0, 0x23) };

export interface LcpOptionParts {
  readonly magic: number;
  /** Largest packet that the bearer takes. */
  readonly mtu: number;
}

/** What a modem asks for and takes in LCP: CHAP first, PAP when the host would rather, and without when it will do neither. */
export class LcpOptions implements OptionPolicy {
  readonly #magic: Uint8Array;
  readonly #mtu: number;
  #auth: AuthMethod | null = 'chap';
  readonly #refusedAuth = new Set<AuthMethod>();
  readonly #notAsked = new Set<number>();
  /** Which characters the host wants escaped. */
  hostCharacterMap = escapeAll;

  constructor({ magic, mtu }: LcpOptionParts) {
    this.#magic = uint32Bytes(magic);
    this.#mtu = mtu;
  }

  get auth(): AuthMethod | null {
    return this.#auth;
  }

  get magic(): Uint8Array {
    return this.#notAsked.has(types.magic) ? new Uint8Array(4) : this.#magic;
  }

  request(): readonly ControlOption[] {
    const options = [
      ...(this.#mtu < defaultMru ? [{ type: types.mru, value: uint16Bytes(this.#mtu) }] : []),
      { type: types.characterMap, value: new Uint8Array(4) },
      ...(this.#auth ? [{ type: types.authentication, value: authValues[this.#auth] }] : []),
      { type: types.magic, value: this.#magic },
    ];
    return options.filter(({ type }) => !this.#notAsked.has(type));
  }

  judge(options: readonly ControlOption[]): Verdict {
    const known = new Map<number, number>([
      [types.mru, 2],
      [types.characterMap, 4],
      [types.magic, 4],
      [types.protocolCompression, 0],
      [types.addressCompression, 0],
    ]);
    // A modem does not prove who it is to its host, so authentication is rejected with all that is unknown.
    const rejected = options.filter(({ type, value }) => known.get(type) !== value.length);
    if (rejected.length > 0) return { kind: 'reject', options: rejected };
    const naked = options.flatMap((option) => this.#better(option) ?? []);
    if (naked.length > 0) return { kind: 'nak', options: naked };
    const map = options.find(({ type }) => type === types.characterMap)?.value;
    this.hostCharacterMap = map ? ((uint16At(map, 0) << 16) | uint16At(map, 2)) >>> 0 : escapeAll;
    return { kind: 'ack' };
  }

  naked(options: readonly ControlOption[]): void {
    const wished = options.find(({ type }) => type === types.authentication)?.value;
    if (wished) this.#refuseAuth(wished);
  }

  rejected(options: readonly ControlOption[]): void {
    for (const { type } of options) {
      if (type === types.authentication) this.#auth = null;
      this.#notAsked.add(type);
    }
  }

  #better({ type, value }: ControlOption): ControlOption | null {
    if (type === types.mru && uint16At(value, 0) < smallestMru) return { type, value: uint16Bytes(defaultMru) };
    // A magic number of zero is none, one equal to ours is an echo of ourselves (RFC 1661 clause 6.4).
    const looped = sameBytes(value, this.#magic) || sameBytes(value, new Uint8Array(4));
    return type === types.magic && looped ? { type, value: this.#magic.map((byte) => byte ^ 0xff) } : null;
  }

  #refuseAuth(wished: Uint8Array): void {
    if (this.#auth) this.#refusedAuth.add(this.#auth);
    const methods = ['chap', 'pap'] as const;
    const left = methods.filter((method) => !this.#refusedAuth.has(method));
    this.#auth = left.find((method) => sameBytes(authValues[method], wished)) ?? left[0] ?? null;
  }
}
