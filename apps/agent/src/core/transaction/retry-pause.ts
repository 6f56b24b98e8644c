const minutes = 60_000;

/** Before the second try and before the third, on average. */
const pausesMs = [15 * minutes, 60 * minutes] as const;

/** A change without a verdict that waits, on what is known good, until it is tried again. */
export interface RetryPause {
  /** Tries that it has yet, at most. */
  readonly triesLeft: number;
  /** When the next one begins, in Unix milliseconds by the device's clock, which only tells it; null: the control plane is not met yet. */
  readonly until: number | null;
}

/**
 * How long the known good stands before a change is tried again. Each try may take the gateway out of reach for an hour: whoever has a word to
 * say gets it in between, the longer the more tries were in vain.
 * @param tries that were made @param draw in [0, 1): spreads a fleet
 */
export function retryPauseMs(tries: number, draw: number): number {
  const [first, later] = pausesMs;
  return (tries <= 1 ? first : later) * (0.75 + draw / 2);
}
