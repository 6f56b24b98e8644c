import { sessionPortsOf } from '../core/host-network/slot.ts';
import type { ModemView } from './modem-loop.ts';
import type { BearerPath } from './ports.ts';

/** The ways that leave the gateway by a verified bearer. */
export class BearerPaths {
  private readonly paths = new Map<number, BearerPath>();

  /** True when the way to use changed. */
  see(slot: number, { observed, decision }: ModemView): boolean {
    const before = this.best()?.bearer;
    const { host } = observed;
    if (decision.connection === 'verified' && host) {
      const bearer = [host.interface, ...host.addresses.map(({ address }) => address)].join(' ');
      this.paths.set(slot, { bearer, ports: sessionPortsOf(slot), resolvers: host.resolvers });
    } else {
      this.paths.delete(slot);
    }
    return this.best()?.bearer !== before;
  }

  /** That of the first modem that has one. */
  best(): BearerPath | null {
    const [slot] = [...this.paths.keys()].toSorted((left, right) => left - right);
    return slot === undefined ? null : (this.paths.get(slot) ?? null);
  }
}
