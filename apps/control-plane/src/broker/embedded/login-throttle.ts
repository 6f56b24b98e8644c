import type { Clock } from '@towline/kit';
import { Throttle } from '../../platform/throttle.ts';

const minuteMs = 60_000;
/** A device whose credential was revoked goes on trying. */
const ofDevice = { limit: 10, windowMs: minuteMs, maxKeys: 50_000 };
const ofSource = { limit: 600, windowMs: minuteMs, maxKeys: 10_000 };
/** Of sources that fail too often, all are looked up together, once in so long. */
const turnMs = 250;

/**
 * Failed log-ins, counted before they cost a look into the database. Secrets are too long to be guessed: this guards the database. Thousands
 * of gateways may share one address of their carrier, so whoever fails there slows the others down, and never keeps them out.
 */
export class LoginThrottle {
  readonly #clock: Clock;
  readonly #ofDevice: Throttle;
  readonly #ofSource: Throttle;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#ofDevice = new Throttle(ofDevice, clock);
    this.#ofSource = new Throttle(ofSource, clock);
  }

  /** Whether this device, from this source, has failed too often within the last minute. */
  isShut(source: string, device: string): boolean {
    return this.#ofDevice.exhausted(`${source} ${device}`) !== null;
  }

  /** Milliseconds until whoever logs in from this source may be looked up: 0, or until the next turn of those that fail too often. */
  waitMs(source: string): number {
    return this.#ofSource.exhausted(source) === null ? 0 : turnMs - (this.#clock.monotonicMs() % turnMs);
  }

  failed(source: string, device: string): void {
    this.#ofSource.take(source);
    this.#ofDevice.take(`${source} ${device}`);
  }
}
