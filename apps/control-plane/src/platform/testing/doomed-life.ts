import { Socket } from 'node:net';
import { Fault } from '@towline/kit';
import type { Pool } from 'pg';

/** What happens at one statement of a process. */
export interface Doom {
  /** Which statement, from 1, over all the connections of the process. */
  readonly at: number;
  /** `asked`: it never reaches Postgres. `answered`: it is done there, and nobody hears of it: of a commit, nobody knows. */
  readonly before: 'asked' | 'answered';
  /** The process with all its connections, as by `kill -9`; or only the connection, while the process lives on. */
  readonly ends: 'process' | 'connection';
}

const lost = () => new Fault('test.connection-lost', 'the connection ended here');

function destroy(client: object): void {
  const connection: unknown = Reflect.get(client, 'connection');
  const stream: unknown = typeof connection === 'object' && connection !== null ? Reflect.get(connection, 'stream') : null;
  if (!(stream instanceof Socket)) throw new Fault('test.no-socket', 'a client of pg has no socket');
  stream.destroy();
}

/** The statements of one process, counted over all its pools, up to the one that is its doom; without a doom it only counts. */
export class DoomedLife {
  readonly #doom: Doom | null;
  readonly #cuts: (() => void)[] = [];
  #statements = 0;
  #met = false;

  constructor(doom: Doom | null = null) {
    this.#doom = doom;
  }

  /** Asked so far. */
  get statements(): number {
    return this.#statements;
  }

  /** Whether it came as far as its doom. */
  get met(): boolean {
    return this.#met;
  }

  /** What a dead process does is done by nobody. */
  get dead(): boolean {
    return this.#met && this.#doom?.ends === 'process';
  }

  /** Counts what connections of this pool are asked from now on. It must not have been used yet. */
  watch(pool: Pool): Pool {
    pool.on('connect', (client) => {
      const query: unknown = Reflect.get(client, 'query');
      if (typeof query !== 'function') throw new Fault('test.no-query', 'a client of pg has no query');
      const cut = () => destroy(client);
      this.#cuts.push(cut);
      const perform = this.#performer((statement) => Reflect.apply(query, client, statement), cut);
      // The pool itself asks with a callback.
      const watched = (...statement: unknown[]): Promise<unknown> | undefined => {
        const told = statement.at(-1);
        if (typeof told !== 'function') return perform(statement);
        void perform(statement.slice(0, -1)).then(
          (result) => Reflect.apply(told, null, [null, result]),
          (error: unknown) => Reflect.apply(told, null, [error]),
        );
        return undefined;
      };
      Object.defineProperty(client, 'query', { value: watched });
    });
    return pool;
  }

  #performer(ask: (statement: readonly unknown[]) => Promise<unknown>, cut: () => void) {
    let gone = false;
    return async (statement: readonly unknown[]): Promise<unknown> => {
      if (gone || this.dead) throw lost();
      this.#statements += 1;
      if (this.#statements !== this.#doom?.at) return ask(statement);
      gone = true;
      this.#met = true;
      if (this.#doom.before === 'answered') await ask(statement).catch(() => undefined);
      for (const one of this.dead ? this.#cuts : [cut]) one();
      throw lost();
    };
  }
}
