/** How much one name may have at once, and how fast that grows back. */
export interface AllowancePolicy {
  readonly burst: number;
  readonly everyMs: number;
}

interface Purse {
  readonly left: number;
  readonly atMs: number;
}

const maxNames = 50_000;

/** A token bucket for each name, so that one device can't fill what all share. */
export class Allowance {
  readonly #policy: AllowancePolicy;
  readonly #purses = new Map<string, Purse>();

  constructor(policy: AllowancePolicy) {
    this.#policy = policy;
  }

  /** Takes one, when there is one. */
  take(name: string, nowMs: number): boolean {
    const { burst, everyMs } = this.#policy;
    const purse = this.#purses.get(name) ?? { left: burst, atMs: nowMs };
    const left = Math.min(burst, purse.left + (nowMs - purse.atMs) / everyMs);
    if (left < 1) return false;
    if (this.#purses.size >= maxNames) this.#purses.clear();
    this.#purses.set(name, { left: left - 1, atMs: nowMs });
    return true;
  }
}
