import type { Clock } from '@towline/kit';

export interface ThrottlePolicy {
  readonly limit: number;
  readonly windowMs: number;
  /** How many keys are remembered; the oldest is forgotten, so a flood of keys costs no memory. */
  readonly maxKeys: number;
}

interface Window {
  used: number;
  readonly endsMs: number;
}

/** Counts what a key did in a fixed window. */
export class Throttle {
  readonly #windows = new Map<string, Window>();
  readonly #policy: ThrottlePolicy;
  readonly #clock: Clock;

  constructor(policy: ThrottlePolicy, clock: Clock) {
    this.#policy = policy;
    this.#clock = clock;
  }

  /** Counts one. @returns seconds to wait when that was too much, else null */
  take(key: string): number | null {
    const window = this.#current(key) ?? this.#open(key);
    window.used += 1;
    return window.used > this.#policy.limit ? this.#secondsLeft(window) : null;
  }

  /** Counts nothing. @returns seconds to wait when nothing is left, else null */
  exhausted(key: string): number | null {
    const window = this.#current(key);
    return window && window.used >= this.#policy.limit ? this.#secondsLeft(window) : null;
  }

  #current(key: string): Window | undefined {
    const window = this.#windows.get(key);
    return window && window.endsMs > this.#clock.monotonicMs() ? window : undefined;
  }

  #open(key: string): Window {
    this.#windows.delete(key);
    const oldest = this.#windows.size >= this.#policy.maxKeys ? this.#windows.keys().next() : undefined;
    if (oldest && !oldest.done) this.#windows.delete(oldest.value);
    const window = { used: 0, endsMs: this.#clock.monotonicMs() + this.#policy.windowMs };
    this.#windows.set(key, window);
    return window;
  }

  #secondsLeft(window: Window): number {
    return Math.max(1, Math.ceil((window.endsMs - this.#clock.monotonicMs()) / 1000));
  }
}
