import { escapeIdentifier, escapeLiteral } from 'pg';
import { announceInSql, type Change } from '../platform/change-feed.ts';
import { inTransaction, type SqlPool } from '../platform/database.ts';
import type { PartitionPlan } from './partition-plan.ts';

/** Rows of one statement: a tick is many short ones, so that nothing waits behind it. */
const rowsAtOnce = 500;

interface ChangedRow {
  readonly tenant: string;
  readonly id: string;
  readonly device: string;
}

/** What the ticker does to the database. Each call changes a bounded number of rows, through an index, and several tickers may call at once. */
export class TickerRepository {
  readonly #pool: SqlPool;

  constructor(pool: SqlPool) {
    this.#pool = pool;
  }

  /** Jobs that no device took in their time. @returns how many */
  expireJobs(): Promise<number> {
    return this.#changeAndTell(
      'job',
      `update job set state = 'expired', updated_at = now() where (tenant_id, id) in (
         select tenant_id, id from job where state = 'queued' and expires_at < now() order by expires_at limit ${rowsAtOnce} for update skip locked)
       returning tenant_id as tenant, id::text, device_id as device`,
    );
  }

  /** Jobs that a device took and then said nothing more of: silence is a failure. @returns how many */
  failSilentJobs(silentHours: number): Promise<number> {
    return this.#changeAndTell(
      'job',
      `update job set state = 'failed', fault = '{"code":"job.silent","evidence":[]}', updated_at = now() where (tenant_id, id) in (
         select tenant_id, id from job where state in ('accepted', 'running') and expires_at < now() - interval '1 hour' * ${silentHours}
           and updated_at < now() - interval '1 hour' * ${silentHours} limit ${rowsAtOnce} for update skip locked)
       returning tenant_id as tenant, id::text, device_id as device`,
    );
  }

  /** Devices that count as online but were not heard for longer than any of their beats. @returns how many */
  markSilentDevices(silentHours: number): Promise<number> {
    return this.#changeAndTell(
      'device',
      `update device set online = false where (tenant_id, id) in (
         select tenant_id, id from device where online and last_seen_at < now() - interval '1 hour' * ${silentHours}
           limit ${rowsAtOnce} for update skip locked)
       returning tenant_id as tenant, id, id as device`,
    );
  }

  /** Events and quarantine beyond the retention, streams and notes that nobody will ask for again. @returns how many rows went */
  async prune(retentionDays: number): Promise<number> {
    const old = `now() - interval '1 day' * ${retentionDays}`;
    const statements = [
      `delete from event where id in (select id from event where received_at < ${old} order by id limit ${rowsAtOnce})`,
      `delete from quarantine where id in (select id from quarantine where received_at < ${old} order by id limit ${rowsAtOnce})`,
      `delete from outbox where id in (select id from outbox where created_at < now() - interval '1 hour' order by id limit ${rowsAtOnce} for update skip locked)`,
    ];
    let rows = 0;
    for (const statement of statements) rows += (await this.#pool.query(statement)).rowCount ?? 0;
    return rows;
  }

  async partitions(): Promise<string[]> {
    const { rows } = await this.#pool.query<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'telemetry'::regclass`,
    );
    return rows.map(({ name }) => name);
  }

  /**
   * Makes and drops days. A day whose rows wait in the default partition takes them over, in one transaction, so that no reader
   * misses one.
   */
  async carryOut({ make, drop }: PartitionPlan): Promise<void> {
    for (const { name, from, to } of make) {
      const day = escapeIdentifier(name);
      const range = `at >= ${escapeLiteral(from)} and at < ${escapeLiteral(to)}`;
      await inTransaction(this.#pool, async (client) => {
        await client.query(`create table if not exists ${day} (like telemetry including defaults including constraints including indexes)`);
        await client.query(
          `with moved as (delete from telemetry_default where ${range} returning *) insert into ${day} select * from moved`,
        );
        await client.query(
          `alter table telemetry attach partition ${day} for values from (${escapeLiteral(from)}) to (${escapeLiteral(to)})`,
        );
      });
    }
    for (const name of drop) await this.#pool.query(`drop table if exists ${escapeIdentifier(name)}`);
  }

  #changeAndTell(kind: Change['kind'], statement: string): Promise<number> {
    return inTransaction(this.#pool, async (client) => {
      const { rows } = await client.query<ChangedRow>(statement);
      await announceInSql(
        client,
        rows.map(({ tenant, id, device }): Change => ({ tenant, kind, id, device })),
      );
      return rows.length;
    });
  }
}
