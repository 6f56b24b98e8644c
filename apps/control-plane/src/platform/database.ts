import { PrismaPg } from '@prisma/adapter-pg';
import { faultText } from '@towline/kit';
import { type ClientBase, Pool } from 'pg';
import { type Prisma, PrismaClient } from '../generated/prisma/client.ts';
import type { ControlPlaneLog } from './log.ts';

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

/** Opens nothing yet: the first query does. Each query has a time-out, on both sides of the socket. */
export function openDatabase({ url, applicationName, connections, log }: DatabaseOptions): Database {
  const pool = new Pool({
    connectionString: url,
    application_name: applicationName,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 1000,
    idle_in_transaction_session_timeout: statementTimeoutMs * 2,
  });
  // An idle connection that Postgres ends must not end the process.
  pool.on('error', (error) => log.warn('database.connection-lost', { reason: faultText(error) }));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    prisma,
    pool,
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
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
    const broken = await client.query('rollback').then(
      () => false,
      () => true,
    );
    client.release(broken);
    throw error;
  }
}
