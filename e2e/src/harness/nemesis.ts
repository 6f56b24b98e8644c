import { systemClock } from '@towline/agent/node';
import { type Random, sleep } from '@towline/kit';

/** One way to do harm, and to let go of it again. */
export interface Harm {
  readonly name: string;
  /** Resolves when what was harmed is on its feet again, or about to be. */
  readonly act: (random: Random) => Promise<void>;
}

/** From `least` to `most`. */
export const between = (random: Random, [least, most]: readonly [number, number]): number => least + random.next() * (most - least);

const pauseMs = [1000, 4000] as const;

/** Does one harm after the other while it is let loose: all of them in turn, each round in an order of its own. */
export class Nemesis {
  readonly #harms: readonly Harm[];
  readonly #random: Random;
  /** What it did, in order. */
  readonly done: string[] = [];
  #round: Harm[] = [];

  constructor(harms: readonly Harm[], random: Random) {
    this.#harms = harms;
    this.#random = random;
  }

  /** Whether each harm was done once. */
  get hasDoneAll(): boolean {
    return this.#harms.every(({ name }) => this.done.includes(name));
  }

  /** Goes on until `signal`, and ends with nothing harmed. Rejects when a harm could not be undone. */
  async rage(signal: AbortSignal): Promise<void> {
    for (let harm = this.#next(); harm; harm = this.#next()) {
      await sleep(systemClock, between(this.#random, pauseMs), signal);
      if (signal.aborted) return;
      this.done.push(harm.name);
      await harm.act(this.#random);
    }
  }

  #next(): Harm | undefined {
    if (this.#round.length === 0) {
      const drawn = this.#harms.map((harm) => ({ harm, at: this.#random.next() }));
      this.#round = drawn.sort((left, right) => left.at - right.at).map(({ harm }) => harm);
    }
    return this.#round.pop();
  }
}
