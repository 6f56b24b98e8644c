import type pg from 'pg';

/** Who does what only one process may do. Time is the database's, so that the holders' clocks don't matter. */
export class Lease {
  readonly #pool: pg.Pool;
  readonly #name: string;
  readonly #holder: string;
  readonly #ttlMs: number;

  /** @param options.holder unique name of this process's life */
  constructor(pool: pg.Pool, options: { name: string; holder: string; ttlMs: number }) {
    this.#pool = pool;
    this.#name = options.name;
    this.#holder = options.holder;
    this.#ttlMs = options.ttlMs;
  }

  /** Takes or prolongs the lease. @returns whether it is ours until `ttlMs` from when the call began. */
  async hold(): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `insert into lease as held (name, holder, expires_at) values ($1, $2, now() + $3 * interval '1 millisecond')
       on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
         where held.holder = excluded.holder or held.expires_at < now()`,
      [this.#name, this.#holder, this.#ttlMs],
    );
    return rowCount === 1;
  }

  /** Lets go, so that a standby need not wait for the end of the lease. */
  async release(): Promise<void> {
    await this.#pool.query('delete from lease where name = $1 and holder = $2', [this.#name, this.#holder]);
  }
}
