import { type Clock, faultCode } from '@towline/kit';
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
    const reason = await this.#databaseProblem();
    const status = reason === null ? 'up' : 'down';
    return { status, checks: [{ name: 'database', status, reason }] };
  }

  #databaseProblem(): Promise<string | null> {
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(checkTimeoutMs, () => resolve('timeout'));
      this.#database.pool
        .query('select 1')
        .then(() => null)
        .catch((error: unknown) => faultCode(error))
        .then(resolve)
        .finally(cancel);
    });
  }
}
