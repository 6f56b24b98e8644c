/** Which client ids of which services are given out. */
export interface ClientBook {
  /** A fresh id from 1 on, or null when every id of the service is out. */
  allocate(service: number): number | null;
  /** @returns whether it was out */
  release(service: number, client: number): boolean;
  has(service: number, client: number): boolean;
  of(service: number): readonly number[];
  /** Ids that are out, of all services together. */
  readonly size: number;
  clear(): void;
}

/**
 * Ids are given out in turn, as firmware does, so that a host that kept an old id does not meet a new owner at once.
 * @param limit how many clients a service has at most; real firmware runs out somewhere between 10 and 254 (composed)
 */
export function createClientBook(limit: number): ClientBook {
  const out = new Map<number, Set<number>>();
  const last = new Map<number, number>();
  return {
    allocate(service) {
      const taken = out.get(service) ?? new Set<number>();
      if (taken.size >= limit) return null;
      let client = last.get(service) ?? 0;
      do client = (client % 254) + 1;
      while (taken.has(client));
      last.set(service, client);
      out.set(service, taken.add(client));
      return client;
    },
    release: (service, client) => out.get(service)?.delete(client) ?? false,
    has: (service, client) => out.get(service)?.has(client) ?? false,
    of: (service) => [...(out.get(service) ?? [])],
    get size() {
      return [...out.values()].reduce((sum, clients) => sum + clients.size, 0);
    },
    clear() {
      out.clear();
      last.clear();
    },
  };
}
