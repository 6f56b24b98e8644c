export interface StrangerBounds {
  /** Connections of anybody, proven or not. */
  readonly connections: number;
  /** Of them those that have not proven who they are. */
  readonly strangers: number;
  /** Of one address. A carrier puts thousands of gateways behind one, so it bounds strangers only. */
  readonly strangersPerAddress: number;
}

/** One connection that was let in. */
export interface Admission {
  readonly source: string;
  /** It has proven which device it is. */
  proven(): void;
  /** It is gone. */
  ended(): void;
}

/** IPv6 hands out whole networks: a /64 counts as one source (RFC 6177). Node writes addresses in the form of RFC 5952. */
export function sourceOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address.replace('::ffff:', '');
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return `${[...left, ...Array.from({ length: zeros }, () => '0'), ...right].slice(0, 4).join(':')}::/64`;
}

/** Bounds what those cost who have not proven who they are: each holds a socket and a parser for as long as it may take to log in. */
export class Strangers {
  readonly #bounds: StrangerBounds;
  readonly #bySource = new Map<string, number>();
  #connections = 0;
  #strangers = 0;

  constructor(bounds: StrangerBounds) {
    this.#bounds = bounds;
  }

  /** Null when there is no room: the connection is to be closed at once. */
  admit(address: string): Admission | null {
    const { connections, strangers, strangersPerAddress } = this.#bounds;
    const source = sourceOf(address);
    const ofSource = this.#bySource.get(source) ?? 0;
    if (this.#connections >= connections || this.#strangers >= strangers || ofSource >= strangersPerAddress) return null;
    this.#bySource.set(source, ofSource + 1);
    this.#connections += 1;
    this.#strangers += 1;
    let [stranger, open] = [true, true];
    const known = () => {
      if (stranger) this.#forget(source);
      stranger = false;
    };
    return {
      source,
      proven: known,
      ended: () => {
        known();
        if (open) this.#connections -= 1;
        open = false;
      },
    };
  }

  #forget(source: string): void {
    this.#strangers -= 1;
    const left = (this.#bySource.get(source) ?? 1) - 1;
    if (left > 0) this.#bySource.set(source, left);
    else this.#bySource.delete(source);
  }
}
