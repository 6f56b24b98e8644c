/** Stops a scheduled call; calling it again, or after the call ran, does nothing. */
export type Cancel = () => void;

/** Time as the code may see it. Real, simulated or faked: nothing else tells the time. */
export interface Clock {
  /** Wall clock in Unix milliseconds. It may start in 1970 and it may jump; never measure a duration with it. */
  wallMs(): number;
  /** Milliseconds since an arbitrary origin of this boot; never goes back. */
  monotonicMs(): number;
  /** Calls `run` once, `delayMs` or a little more from now. */
  schedule(delayMs: number, run: () => void): Cancel;
}

/** What `sleep` needs of an `AbortSignal`, so that a runtime without one may bring its own. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listen: () => void): void;
  removeEventListener(type: 'abort', listen: () => void): void;
}

/** Resolves after `ms`, or at once when `signal` aborts (it resolves then too: look at the signal). */
export function sleep(clock: Clock, ms: number, signal?: StopSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.schedule(ms, end);
    signal?.addEventListener('abort', end);
  });
}
