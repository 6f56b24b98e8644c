import { PrismaPg } from '@prisma/adapter-pg';
import { Fault, faultText } from '@towline/kit';
import { type ClientBase, Pool, type PoolClient } from 'pg';
import { type Prisma, PrismaClient } from '../generated/prisma/client.ts';
import type { ControlPlaneLog } from './log.ts';
import { TurnSocket } from './turn-socket.ts';

/** A Prisma transaction: what repositories take that must write together with others. */
export type Transaction = Prisma.TransactionClient;

/** One connection, inside whose transaction hand-made SQL runs. */
export type SqlClient = ClientBase;
export type SqlPool = Pool;

/** Connections to one database: Prisma for the model, the pool for hand-made SQL, both over the same sockets. */
export interface Database {
  readonly prisma: PrismaClient;
  readonly pool: Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Shown in pg_stat_activity: `towline-api`, `towline-edge`, … */
  readonly applicationName: string;
  readonly connections: number;
  readonly log: ControlPlaneLog;
}

const connectTimeoutMs = 5000;
const statementTimeoutMs = 15_000;
/**
 * What the fleet is doing now lies in memory or on flash. At its default, 4, which is for disks, Postgres reads a whole table for a hundred of its
 * rows. An address of the database that has `options` of its own goes before it.
 */
const sessionOptions = '-c random_page_cost=1.1';

/**
 * Opens nothing yet: the first query does. Each query has a time-out, on both sides of the socket.
 * @param options.pipeline sends statements without waiting for the answers to those before them
 */
export function openPool({ url, applicationName, connections, log, pipeline = false }: DatabaseOptions & { pipeline?: boolean }): SqlPool {
  const settings = {
    connectionString: url,
    application_name: applicationName,
    options: sessionOptions,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 1000,
    idle_in_transaction_session_timeout: statementTimeoutMs * 2,
    pipeline,
    ...(pipeline ? { stream: () => new TurnSocket() } : {}),
  };
  const pool = new Pool(settings);
  // A connection that Postgres ends must not end the process, neither an idle one nor, between two statements, one in use.
  pool.on('error', (error) => log.warn('database.connection-lost', { reason: faultText(error) }));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

export function openDatabase(options: DatabaseOptions): Database {
  const pool = openPool(options);
  // Prisma's own bounds (2 s for a connection, 5 s for all) end what only waits its turn behind a lock, and a busy machine's work.
  const transactionOptions = { maxWait: connectTimeoutMs, timeout: statementTimeoutMs };
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), transactionOptions });
  return {
    prisma,
    pool,
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** Gives the connection back without what the transaction did; one that does not answer to that is given up. */
async function undo(client: PoolClient): Promise<void> {
  const broken = await client.query('rollback').then(
    () => false,
    () => true,
  );
  client.release(broken);
}

/**
 * Runs `work` in one transaction on one connection of the pool. When anything throws, all of it is undone; when the commit's
 * own answer is lost nobody knows, so what runs here must bear being run again.
 */
export async function inTransaction<Result>(pool: SqlPool, work: (client: SqlClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    await undo(client);
    throw error;
  }
}

/** Statements whose results nobody needs before the commit. */
export type Later = (statement: Promise<unknown>) => void;

/** A pipelined transaction under way. */
export interface PipelinedTransaction {
  readonly client: SqlClient;
  readonly later: Later;
}

/**
 * The same with as few turns as the work allows, for a pipelined pool: what is given to `later` goes out with the commit, and
 * where it fails the commit does not stand. Each turn costs a busy process milliseconds, however quick the database is.
 */
export async function inPipelinedTransaction<Result>(
  pool: SqlPool,
  work: (client: SqlClient, later: Later) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  const sent: Promise<unknown>[] = [];
  const later: Later = (statement) => {
    // Its failure is told when all are awaited; until then it must not count as unhandled.
    statement.catch(() => undefined);
    sent.push(statement);
  };
  try {
    later(client.query('begin'));
    const result = await work(client, later);
    const commit = client.query('commit');
    commit.catch(() => undefined);
    await Promise.all(sent);
    // To a transaction that has failed, Postgres answers a commit with ROLLBACK and no error.
    const { command } = await commit;
    if (command !== 'COMMIT') throw new Fault('database.not-committed', `commit was answered with ${command}`);
    client.release();
    return result;
  } catch (error) {
    await undo(client);
    // What failed first is the cause: every statement after it was only told that the transaction is lost.
    const failed = (await Promise.allSettled(sent)).find((statement) => statement.status === 'rejected');
    throw failed ? failed.reason : error;
  }
}
