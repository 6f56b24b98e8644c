import { type Clock, faultCode, sleep } from '@towline/kit';
import type { Readiness } from '@towline/protocol/http';
import type { Database } from '../platform/database.ts';

const checkTimeoutMs = 2000;

/** Whether this process can serve: reasons are codes, not texts of the database. */
export class HealthService {
  readonly #database: Pick<Database, 'pool'>;
  readonly #clock: Clock;

  constructor(database: Pick<Database, 'pool'>, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async readiness(): Promise<Readiness> {
    const reason = await Promise.race([this.#databaseProblem(), this.#timeout()]);
    const status = reason === null ? 'up' : 'down';
    return { status, checks: [{ name: 'database', status, reason }] };
  }

  async #databaseProblem(): Promise<string | null> {
    try {
      await this.#database.pool.query('select 1');
      return null;
    } catch (error) {
      return faultCode(error);
    }
  }

  async #timeout(): Promise<string> {
    await sleep(this.#clock, checkTimeoutMs);
    return 'timeout';
  }
}
