import { sameBytes } from '../ip/address.ts';
import type { ControlOption } from './control-packet.ts';
import type { OptionPolicy, Verdict } from './control-protocol.ts';

/** One option of a network control protocol: which value the host shall have, and what we say of ourselves. */
export interface NetworkOption {
  readonly type: number;
  /** The value that the host is granted; null: it may have any that is not zero and not ours. */
  readonly granted: Uint8Array | null;
  /** What is suggested where any value would do. */
  readonly suggested?: Uint8Array;
  /** Our own value; null: we ask for none. */
  readonly own: Uint8Array | null;
}

/** Options of RFC 1332 and RFC 1877: 3 address, 129 and 131 resolvers. */
export function ipcpOptions(parts: { readonly host: Uint8Array; readonly gateway: Uint8Array; readonly dns: readonly Uint8Array[] }) {
  const [first, second] = parts.dns;
  return new NetworkOptions([
    { type: 3, granted: parts.host, own: parts.gateway },
    ...(first ? [{ type: 129, granted: first, own: null }] : []),
    ...(second ? [{ type: 131, granted: second, own: null }] : []),
  ]);
}

/** The option of RFC 5072: 1 interface identifier, eight bytes. */
export function ipv6cpOptions(parts: { readonly host: Uint8Array; readonly gateway: Uint8Array }) {
  return new NetworkOptions([{ type: 1, granted: null, suggested: parts.host, own: parts.gateway }]);
}

/** Grants values by Nak and rejects every option that is not in its list (VJ compression, name servers of Windows). */
export class NetworkOptions implements OptionPolicy {
  readonly #known: readonly NetworkOption[];
  readonly #notAsked = new Set<number>();

  constructor(known: readonly NetworkOption[]) {
    this.#known = known;
  }

  request(): readonly ControlOption[] {
    return this.#known.flatMap(({ type, own }) => (own && !this.#notAsked.has(type) ? [{ type, value: own }] : []));
  }

  judge(options: readonly ControlOption[]): Verdict {
    const rejected = options.filter((option) => this.#find(option) === undefined);
    if (rejected.length > 0) return { kind: 'reject', options: rejected };
    const naked = options.flatMap((option) => this.#better(option) ?? []);
    return naked.length > 0 ? { kind: 'nak', options: naked } : { kind: 'ack' };
  }

  /** What we say of ourselves is not up for trade; the next request repeats it. */
  naked(): void {}

  rejected(options: readonly ControlOption[]): void {
    for (const { type } of options) this.#notAsked.add(type);
  }

  #find({ type, value }: ControlOption): NetworkOption | undefined {
    return this.#known.find((option) => option.type === type && (option.granted ?? option.own)?.length === value.length);
  }

  #better({ type, value }: ControlOption): ControlOption | null {
    const option = this.#find({ type, value });
    if (!option) return null;
    if (option.granted) return sameBytes(option.granted, value) ? null : { type, value: option.granted };
    const taken = value.every((byte) => byte === 0) || (option.own !== null && sameBytes(option.own, value));
    return taken && option.suggested ? { type, value: option.suggested } : null;
  }
}
