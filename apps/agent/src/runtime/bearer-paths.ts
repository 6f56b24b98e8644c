import type { AgentConfig } from '../config/agent-config.ts';
import { sessionPortsOf } from '../core/host-network/slot.ts';
import type { ModemView } from './modem-loop.ts';
import type { BearerPath } from './ports.ts';

/** How a session leaves the gateway: by a bearer, as the routes say, or not at all, since it must be a bearer and there is none. */
export type Way = BearerPath | 'any' | 'none';

/** The ways that leave the gateway by a verified bearer. */
export class BearerPaths {
  private readonly paths = new Map<number, BearerPath>();

  /** Whether a bearer came or went; null: all is as it was. Another one in the place of one that went has come. */
  see(slot: number, { observed, decision }: ModemView): 'came' | 'went' | null {
    const before = this.paths.get(slot)?.bearer;
    const { host, usb, bearer: told, failure } = observed;
    // A modem that does not answer just now says nothing of its bearer: a session over it is cut by its own silence, not by this.
    if (usb && told === null && failure !== null) return null;
    // Nor does a host that does not say how its network stands.
    if (told?.active && told.settings && host === null) return null;
    if (decision.connection === 'verified' && host) {
      const bearer = [host.interface, ...host.addresses.map(({ address }) => address)].join(' ');
      this.paths.set(slot, { bearer, ports: sessionPortsOf(slot), resolvers: host.resolvers });
    } else {
      this.paths.delete(slot);
    }
    const now = this.paths.get(slot)?.bearer;
    if (now === before) return null;
    return now === undefined ? 'went' : 'came';
  }

  /**
   * The way of a try. Every other one goes the other way, where there is another: a default route that leads nowhere, or an operator that
   * blocks the port, must not keep a device away that has two ways.
   */
  wayOf(over: AgentConfig['mqttOver'], attempt: number): Way {
    const best = this.best();
    if (over === 'bearer') return best ?? 'none';
    const isOther = attempt % 2 === 1;
    return best && (over === 'bearer-first') !== isOther ? best : 'any';
  }

  /** Whether a session may stay that goes by a bearer, or by none. */
  mayStay(over: AgentConfig['mqttOver'], bearer: string | null): boolean {
    if (bearer !== null) return [...this.paths.values()].some((path) => path.bearer === bearer);
    return over === 'any' || (over === 'bearer-first' && this.best() === null);
  }

  /** That of one interface. */
  of(name: string): BearerPath | null {
    return [...this.paths.values()].find(({ bearer }) => bearer.split(' ')[0] === name) ?? null;
  }

  /** That of the first modem that has one. */
  private best(): BearerPath | null {
    const [slot] = [...this.paths.keys()].toSorted((left, right) => left - right);
    return slot === undefined ? null : (this.paths.get(slot) ?? null);
  }
}
