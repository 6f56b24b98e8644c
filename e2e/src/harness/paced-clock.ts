import { systemClock } from '@towline/agent/node';
import type { Cancel, Clock } from '@towline/kit';

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
  cancel: Cancel;
}

/** Time that passes so many times faster than ours: what takes devices an hour need not take a story one. */
export class PacedClock implements Clock {
  readonly #startWallMs = systemClock.wallMs();
  readonly #timers = new Set<Timer>();
  #pace = 1;
  /** Since when this pace holds, in our time and in its own. */
  #since = { oursMs: systemClock.monotonicMs(), itsMs: 0 };

  wallMs(): number {
    return Math.round(this.#startWallMs + this.monotonicMs());
  }

  monotonicMs(): number {
    return this.#since.itsMs + (systemClock.monotonicMs() - this.#since.oursMs) * this.#pace;
  }

  schedule(delayMs: number, run: () => void): Cancel {
    const timer: Timer = { dueMs: this.monotonicMs() + delayMs, run, cancel: () => undefined };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      timer.cancel();
      this.#timers.delete(timer);
    };
  }

  /** From now on. What is scheduled comes earlier or later with it. */
  pace(times: number): void {
    this.#since = { oursMs: systemClock.monotonicMs(), itsMs: this.monotonicMs() };
    this.#pace = times;
    for (const timer of this.#timers) {
      timer.cancel();
      this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    const oursMs = Math.max(0, timer.dueMs - this.monotonicMs()) / this.#pace;
    timer.cancel = systemClock.schedule(oursMs, () => {
      this.#timers.delete(timer);
      timer.run();
    });
  }
}
