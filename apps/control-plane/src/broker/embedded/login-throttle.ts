import { createHash } from 'node:crypto';
import type { Clock } from '@towline/kit';
import { Throttle } from '../../platform/throttle.ts';

const minuteMs = 60_000;
/** A device whose credential was revoked goes on trying with the secret that it has. */
const ofSecret = { limit: 10, windowMs: minuteMs, maxKeys: 50_000 };
const ofSource = { limit: 600, windowMs: minuteMs, maxKeys: 10_000 };
/** Of sources that fail too often, all are looked up together, once in so long. */
const turnMs = 250;

export interface Login {
  /** Its address. */
  readonly source: string;
  readonly device: string;
  readonly password: Uint8Array;
}

const keyOf = ({ source, device, password }: Login): string =>
  `${source} ${device} ${createHash('sha256').update(password).digest('base64')}`;

/**
 * Failed log-ins, counted before they cost a look into the database. Secrets are too long to be guessed: this guards the database. Thousands
 * of gateways may share one address of their carrier, so whoever fails there slows the others down, and never keeps them out: what is shut is the
 * secret that failed, not the device whose name was used.
 */
export class LoginThrottle {
  readonly #clock: Clock;
  readonly #ofSecret: Throttle;
  readonly #ofSource: Throttle;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#ofSecret = new Throttle(ofSecret, clock);
    this.#ofSource = new Throttle(ofSource, clock);
  }

  /** Whether this very log-in has failed too often within the last minute. */
  isShut(login: Login): boolean {
    return this.#ofSecret.exhausted(keyOf(login)) !== null;
  }

  /** Milliseconds until whoever logs in from this source may be looked up: 0, or until the next turn of those that fail too often. */
  waitMs(source: string): number {
    return this.#ofSource.exhausted(source) === null ? 0 : turnMs - (this.#clock.monotonicMs() % turnMs);
  }

  failed(login: Login): void {
    this.#ofSource.take(login.source);
    this.#ofSecret.take(keyOf(login));
  }
}
