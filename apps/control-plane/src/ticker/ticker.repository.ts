import { faultCode } from '@towline/kit';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { announceInSql, type Change } from '../platform/change-feed.ts';
import { inTransaction, type SqlClient, type SqlPool } from '../platform/database.ts';
import { endHoldsSql } from '../sites/site-holds.repository.ts';
import type { DayPartition, PartitionPlan } from './partition-plan.ts';

/** Rows of one statement: a tick is many short ones, so that nothing waits behind it. */
const rowsAtOnce = 500;

/** A partition is made and dropped under a lock of all telemetry: whoever comes meanwhile waits as long as we wait for it. */
const lockTimeoutMs = 1000;
/** SQLSTATE lock_not_available. */
const lockNotAvailable = '55P03';

/** How long what is kept, days. */
export interface Retention {
  /** Telemetry, events, quarantine. */
  readonly telemetryDays: number;
  /** Audit entries and jobs that have ended. */
  readonly auditDays: number;
}

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

  /** Holds of sites whose time is over; what waited there goes on its way. @returns how many devices something waited for */
  endHolds(): Promise<number> {
    return this.#changeAndTell('device', endHoldsSql(rowsAtOnce));
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

  /**
   * What is beyond its retention, and notes that nobody will ask for again. Report streams need none: a device has a few at most,
   * and they go with it. @returns how many rows went
   */
  async prune({ telemetryDays, auditDays }: Retention): Promise<number> {
    const statements = [
      pruneOldest('event', 'received_at', telemetryDays),
      pruneOldest('quarantine', 'received_at', telemetryDays),
      pruneOldest('audit_entry', 'at', auditDays),
      `delete from job where (tenant_id, id) in (
         select tenant_id, id from job where state not in ('queued', 'accepted', 'running') and expires_at < ${daysAgo(auditDays)} limit ${rowsAtOnce})`,
      `delete from webhook_delivery where (tenant_id, id) in (
         select tenant_id, id from webhook_delivery where ended_at < ${daysAgo(telemetryDays)} limit ${rowsAtOnce})`,
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
   * Makes and drops days. @returns the days that had to wait: somebody reads or writes for longer than the ticker may keep all
   * others waiting behind it. They are to be tried again
   */
  async carryOut({ make, drop }: PartitionPlan): Promise<string[]> {
    const changes = [
      ...make.map((day) => ({ name: day.name, work: (client: SqlClient) => makeDay(client, day) })),
      ...drop.map((name) => ({ name, work: (client: SqlClient) => client.query(`drop table if exists ${escapeIdentifier(name)}`) })),
    ];
    const waiting: string[] = [];
    for (const { name, work } of changes) if (!(await this.#withoutDelay(work))) waiting.push(name);
    return waiting;
  }

  /** @returns false when a lock was not to be had in time */
  async #withoutDelay(work: (client: SqlClient) => Promise<unknown>): Promise<boolean> {
    try {
      await inTransaction(this.#pool, async (client) => {
        await client.query(`set local lock_timeout = '${lockTimeoutMs}ms'`);
        await work(client);
      });
      return true;
    } catch (error) {
      if (faultCode(error) === lockNotAvailable) return false;
      throw error;
    }
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

const daysAgo = (days: number) => `now() - interval '1 day' * ${days}`;

/** Ids are given out in the order of time, nearly: looking at the lowest ones costs the same however much is kept. */
const pruneOldest = (table: 'event' | 'quarantine' | 'audit_entry', at: 'received_at' | 'at', days: number) =>
  `delete from ${table} where id in (
     select id from (select id, ${at} as at from ${table} order by id limit ${rowsAtOnce}) oldest where at < ${daysAgo(days)})`;

/** A day whose rows wait in the default partition takes them over, in one transaction, so that no reader misses one. */
async function makeDay(client: SqlClient, { name, from, to }: DayPartition): Promise<void> {
  const day = escapeIdentifier(name);
  const range = `at >= ${escapeLiteral(from)} and at < ${escapeLiteral(to)}`;
  await client.query(`create table if not exists ${day} (like telemetry including defaults including constraints including indexes)`);
  await client.query(`with moved as (delete from telemetry_default where ${range} returning *) insert into ${day} select * from moved`);
  await client.query(`alter table telemetry attach partition ${day} for values from (${escapeLiteral(from)}) to (${escapeLiteral(to)})`);
}
