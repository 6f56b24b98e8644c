import type { Clock } from '@towline/kit';
import { Throttle } from '../../platform/throttle.ts';

const minuteMs = 60_000;
/** A device whose credential was revoked goes on trying. */
const ofDevice = { limit: 10, windowMs: minuteMs, maxKeys: 50_000 };
/** Thousands of gateways may share one address of their carrier; a few revoked ones among them must not keep the others out. */
const ofSource = { limit: 600, windowMs: minuteMs, maxKeys: 10_000 };

/** Failed log-ins, counted before they cost a look into the database. Secrets are too long to be guessed: this guards the database. */
export class LoginThrottle {
  readonly #ofDevice: Throttle;
  readonly #ofSource: Throttle;

  constructor(clock: Clock) {
    this.#ofDevice = new Throttle(ofDevice, clock);
    this.#ofSource = new Throttle(ofSource, clock);
  }

  /** Whether this device, from this source, or the source altogether, has failed too often within the last minute. */
  isShut(source: string, device: string): boolean {
    return this.#ofSource.exhausted(source) !== null || this.#ofDevice.exhausted(`${source} ${device}`) !== null;
  }

  failed(source: string, device: string): void {
    this.#ofSource.take(source);
    this.#ofDevice.take(`${source} ${device}`);
  }
}
