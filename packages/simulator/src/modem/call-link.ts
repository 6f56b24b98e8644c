import type { Cancel } from '@towline/kit';
import type { IpLink } from '../link/ip-link.ts';
import type { IpFamily } from './packet-call.ts';

const families = ['ipv4', 'ipv6'] as const;

/** The IP version of a packet, or null when it is none. */
export function familyOfPacket(packet: Uint8Array): IpFamily | null {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4) return 'ipv4';
  return version === 6 ? 'ipv6' : null;
}

/** One network interface over the bearers of its IPv4 and its IPv6 call, whichever they are just now. */
export class CallLink implements IpLink {
  readonly #linkOf: (family: IpFamily) => IpLink | null;
  readonly #listeners = new Set<(packet: Uint8Array) => void>();
  readonly #open = new Map<IpLink, Cancel>();

  constructor(linkOf: (family: IpFamily) => IpLink | null) {
    this.#linkOf = linkOf;
  }

  send(packet: Uint8Array): void {
    const family = familyOfPacket(packet);
    if (family) this.#linkOf(family)?.send(packet);
  }

  onPacket(listen: (packet: Uint8Array) => void): Cancel {
    this.#listeners.add(listen);
    this.settle();
    return () => {
      this.#listeners.delete(listen);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Listens to the bearers that there are now; one that carries both families only once. */
  settle(): void {
    const wanted = new Set<IpLink>();
    if (this.#listeners.size > 0) {
      for (const family of families) {
        const link = this.#linkOf(family);
        if (link) wanted.add(link);
      }
    }
    for (const [link, cancel] of this.#open) {
      if (wanted.has(link)) continue;
      cancel();
      this.#open.delete(link);
    }
    for (const link of wanted)
      if (!this.#open.has(link))
        this.#open.set(
          link,
          link.onPacket((packet) => this.#deliver(packet)),
        );
  }

  close(): void {
    for (const cancel of this.#open.values()) cancel();
    this.#open.clear();
  }

  #deliver(packet: Uint8Array): void {
    const family = familyOfPacket(packet);
    // A bearer that gives both families carries only those that were called.
    if (!family || !this.#linkOf(family)) return;
    for (const listen of this.#listeners) listen(packet);
  }
}
