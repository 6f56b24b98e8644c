import type { Writable } from 'node:stream';
import type { Clock } from '@towline/kit';

/** Far below any time-out of MQTT, and longer than most commits take. */
const gatherMs = 200;

/**
 * Lets a PUBACK wait for the acknowledgement that follows the commit, so that both leave in one segment: a write less for the edge,
 * a segment less on the air for the device. It waits for company only, never for the database: what is held leaves after 200 ms,
 * and meanwhile the device is read from as ever.
 */
export class GatheredAnswers {
  readonly #clock: Clock;
  #held = new Set<Writable>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is written to this connection from now on waits. */
  hold(connection: Writable): void {
    if (this.#held.has(connection)) return;
    connection.cork();
    if (this.#held.size === 0) this.#clock.schedule(gatherMs, () => this.#releaseAll());
    this.#held.add(connection);
  }

  /** What waits for this connection leaves now. */
  release(connection: Writable): void {
    if (this.#held.delete(connection)) connection.uncork();
  }

  #releaseAll(): void {
    const held = this.#held;
    this.#held = new Set();
    for (const connection of held) connection.uncork();
  }
}
