import type { Writable } from 'node:stream';
import type { Clock } from '@towline/kit';

/** Far below any time-out of MQTT, and longer than most commits take. */
const gatherMs = 200;

/**
 * Lets a PUBACK wait for the acknowledgement that follows the commit, so that both leave in one segment: a write less for the edge,
 * a segment less on the air for the device. It waits for company only, never for the database: what is held leaves after 200 to
 * 400 ms, and meanwhile the device is read from as ever.
 */
export class GatheredAnswers {
  readonly #clock: Clock;
  /** Held since the last turn of the clock, and since the one before: so that what has only just come isn't sent off with the rest. */
  #young = new Set<Writable>();
  #old = new Set<Writable>();
  #turning = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is written to this connection from now on waits. */
  hold(connection: Writable): void {
    if (this.#young.has(connection) || this.#old.has(connection)) return;
    connection.cork();
    this.#young.add(connection);
    if (!this.#turning) this.#turnLater();
  }

  /** What waits for this connection leaves now. */
  release(connection: Writable): void {
    if (this.#young.delete(connection) || this.#old.delete(connection)) connection.uncork();
  }

  #turnLater(): void {
    this.#turning = true;
    this.#clock.schedule(gatherMs, () => {
      const leaving = this.#old;
      this.#old = this.#young;
      this.#young = new Set();
      for (const connection of leaving) connection.uncork();
      this.#turning = false;
      if (this.#old.size > 0) this.#turnLater();
    });
  }
}
