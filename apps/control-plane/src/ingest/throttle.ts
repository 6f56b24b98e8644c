/** How many names are remembered; the oldest are forgotten, and what they stand for is then done once too often. */
const maxNames = 200_000;

/** Lets a thing be done once in a while for each name. */
export class Throttle {
  readonly #everyMs: number;
  readonly #last = new Map<string, number>();

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  isDue(name: string, nowMs: number): boolean {
    const last = this.#last.get(name);
    return last === undefined || nowMs - last >= this.#everyMs;
  }

  mark(name: string, nowMs: number): void {
    this.#last.delete(name);
    this.#last.set(name, nowMs);
    if (this.#last.size <= maxNames) return;
    for (const oldest of this.#last.keys()) {
      this.#last.delete(oldest);
      return;
    }
  }
}
