import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@towline/kit';
import type { DeviceAddress } from '@towline/protocol';

export interface StoredCredential {
  readonly tenant: string;
  /** SHA-256 of the device's secret; null: revoked. */
  readonly hash: Uint8Array | null;
}

interface Known {
  readonly stored: StoredCredential | null;
  readonly untilMs: number;
}

const cacheMs = 30_000;
const maxKnown = 50_000;

/** Who a device id with this secret is. What was looked up is kept for a short while: after an outage all come back at once. */
export class Credentials {
  readonly #find: (device: string) => Promise<StoredCredential | null>;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  /** @param find looks into the database */
  constructor(find: (device: string) => Promise<StoredCredential | null>, clock: Clock) {
    this.#find = find;
    this.#clock = clock;
  }

  /** Null for an unknown device, a wrong secret and a revoked credential alike. */
  async prove(device: string, secret: Uint8Array): Promise<DeviceAddress | null> {
    const stored = await this.#lookUp(device);
    if (!stored?.hash) return null;
    const hash = createHash('sha256').update(secret).digest();
    return timingSafeEqual(hash, stored.hash) ? { tenant: stored.tenant, device } : null;
  }

  /** The credential was revoked, or changed: asks anew the next time. */
  forget(device: string): void {
    this.#known.delete(device);
  }

  async #lookUp(device: string): Promise<StoredCredential | null> {
    const now = this.#clock.monotonicMs();
    const known = this.#known.get(device);
    if (known && known.untilMs > now) return known.stored;
    const stored = await this.#find(device);
    // Unknown ids are not kept: whoever makes them up would fill the memory, and a device may enrol the next moment.
    this.#known.delete(device);
    if (stored) this.#keep(device, { stored, untilMs: now + cacheMs });
    return stored;
  }

  #keep(device: string, known: Known): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= maxKnown && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(device, known);
  }
}
