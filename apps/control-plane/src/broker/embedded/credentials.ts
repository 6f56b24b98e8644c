import { createHash, timingSafeEqual } from 'node:crypto';
import { type Clock, Fault } from '@towline/kit';
import type { DeviceAddress } from '@towline/protocol';

export interface StoredCredential extends DeviceAddress {
  /** SHA-256 of the device's secret. */
  readonly hash: Uint8Array;
}

/** Of many devices at once; those without a credential that stands are missing. */
export type CredentialSource = (devices: readonly string[]) => Promise<StoredCredential[]>;

interface Known {
  readonly stored: StoredCredential;
  readonly atMs: number;
}

interface Question {
  readonly resolve: (stored: StoredCredential | null) => void;
  readonly reject: (error: unknown) => void;
}

const trustMs = 30_000;
const maxKnown = 50_000;
/** After an outage a fleet comes back in thousands: one query answers all who ask within this time. */
const gatherMs = 3;
const maxQuery = 500;
/** More than this are turned away with "server unavailable"; they come again, with jitter. */
const maxWaiting = 20_000;

/**
 * Who a device id with this secret is. What was looked up is trusted for half a minute, and for as long as the database does
 * not answer: nobody can have revoked it there meanwhile.
 */
export class Credentials {
  readonly #source: CredentialSource;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  #asked = new Map<string, Question[]>();
  #waiting = 0;

  /** @param source looks into the database */
  constructor(source: CredentialSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** Null for an unknown device, a wrong secret and a revoked credential alike. Rejects when it can't be known now. */
  async prove(device: string, secret: Uint8Array): Promise<DeviceAddress | null> {
    const stored = await this.#lookUp(device);
    if (!stored) return null;
    const hash = createHash('sha256').update(secret).digest();
    return timingSafeEqual(hash, stored.hash) ? { tenant: stored.tenant, device } : null;
  }

  /** The credential was revoked, or changed: asks anew the next time. */
  forget(device: string): void {
    this.#known.delete(device);
  }

  /** Which of these devices have no credential any more, asked of the database. */
  async revokedOf(devices: readonly string[]): Promise<string[]> {
    for (const device of devices) this.#known.delete(device);
    const standing = new Set<string>();
    for (let start = 0; start < devices.length; start += maxQuery) {
      for (const { device } of await this.#source(devices.slice(start, start + maxQuery))) standing.add(device);
    }
    return devices.filter((device) => !standing.has(device));
  }

  async #lookUp(device: string): Promise<StoredCredential | null> {
    const known = this.#known.get(device);
    if (known && this.#clock.monotonicMs() - known.atMs < trustMs) return known.stored;
    try {
      return await this.#ask(device);
    } catch (error) {
      if (known) return known.stored;
      throw error;
    }
  }

  #ask(device: string): Promise<StoredCredential | null> {
    return new Promise((resolve, reject) => {
      if (this.#waiting >= maxWaiting) return reject(new Fault('credentials.busy', `${maxWaiting} devices are asking already`));
      this.#waiting += 1;
      const others = this.#asked.get(device);
      this.#asked.set(device, [...(others ?? []), { resolve, reject }]);
      if (this.#asked.size === 1 && !others) this.#clock.schedule(gatherMs, () => void this.#answer());
    });
  }

  async #answer(): Promise<void> {
    const asked = [...this.#asked];
    this.#asked = new Map();
    for (let start = 0; start < asked.length; start += maxQuery) await this.#answerSome(asked.slice(start, start + maxQuery));
  }

  async #answerSome(asked: readonly (readonly [string, readonly Question[]])[]): Promise<void> {
    this.#waiting -= asked.reduce((sum, [, questions]) => sum + questions.length, 0);
    try {
      const found = await this.#source(asked.map(([device]) => device));
      const stored = new Map(found.map((credential) => [credential.device, credential]));
      for (const [device, questions] of asked) {
        const credential = stored.get(device) ?? null;
        this.#keep(device, credential);
        for (const { resolve } of questions) resolve(credential);
      }
    } catch (error) {
      for (const [, questions] of asked) for (const { reject } of questions) reject(error);
    }
  }

  /** Unknown ids are not kept: whoever makes them up would fill the memory, and a device may enrol the next moment. */
  #keep(device: string, stored: StoredCredential | null): void {
    this.#known.delete(device);
    if (!stored) return;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= maxKnown && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(device, { stored, atMs: this.#clock.monotonicMs() });
  }
}
