import * as z from 'zod';
import { announceInSql } from '../platform/change-feed.ts';
import { inTransaction, type SqlClient, type SqlPool } from '../platform/database.ts';
import type { Settlement } from './settle-attempt.ts';
import { queueWebhooksInSql } from './webhook-queue.repository.ts';

const claimedSchema = z.object({
  tenant: z.string(),
  id: z.string(),
  endpoint: z.string(),
  url: z.string(),
  type: z.string(),
  body: z.record(z.string(), z.unknown()),
  attempt: z.int(),
  secret: z.string(),
  previousSecret: z.string().nullable(),
  /** Unix seconds, by the database's clock. */
  timestamp: z.int(),
});

/** One delivery to be tried now, with all that the try needs. Secrets are sealed. */
export type ClaimedDelivery = z.infer<typeof claimedSchema>;

/** Longer than any try takes: whoever claimed it and died lets go of it so. */
const claimS = 60;
/** Tried at once at an endpoint that answers; at one that doesn't, one at a time. */
const atOnce = 4;

export class WebhookDeliveriesRepository {
  readonly #pool: SqlPool;

  constructor(pool: SqlPool) {
    this.#pool = pool;
  }

  /**
   * Takes what is due, the oldest of each endpoint first, and counts the try before it is made: what dies under it was tried.
   * @param busy endpoints that are being tried by this process
   */
  async claim(limit: number, busy: readonly string[]): Promise<ClaimedDelivery[]> {
    const { rows } = await this.#pool.query(
      `with due as (
         select w.tenant_id, w.id from webhook_endpoint e cross join lateral (
           select d.tenant_id, d.id, d.next_try_at from webhook_delivery d
            where d.tenant_id = e.tenant_id and d.endpoint_id = e.id and d.state = 'waiting' and d.next_try_at <= now()
            order by d.next_try_at limit case when e.failures > 0 then 1 else $2 end for update skip locked) w
          where e.state = 'active' and e.id <> all($3::uuid[]) and (e.blocked_until is null or e.blocked_until <= now())
          order by w.next_try_at limit $1)
       update webhook_delivery d set attempt = d.attempt + 1, next_try_at = now() + $4 * interval '1 second'
         from due join webhook_endpoint e on e.tenant_id = due.tenant_id
        where d.tenant_id = due.tenant_id and d.id = due.id and e.id = d.endpoint_id
       returning d.tenant_id as tenant, d.id::text, e.id::text as endpoint, e.url, d.type, d.body, d.attempt, e.secret,
         case when e.previous_until > now() then e.previous_secret end as "previousSecret", floor(extract(epoch from now()))::int as timestamp`,
      [limit, atOnce, busy, claimS],
    );
    return z.array(claimedSchema).parse(rows);
  }

  /** Writes how a try ended; nothing when somebody else has tried it since. */
  settle(delivery: ClaimedDelivery, settlement: Settlement): Promise<void> {
    return inTransaction(this.#pool, async (client) => {
      if (settlement.kind === 'delivered') return settleDelivered(client, delivery, settlement.status);
      if (settlement.kind === 'retry') return settleRetry(client, delivery, settlement);
      return settleGivenUp(client, delivery, settlement);
    });
  }

  /** When the next try is due, milliseconds from now; null: nothing waits. */
  async dueInMs(): Promise<number | null> {
    const { rows } = await this.#pool.query(
      `select (extract(epoch from min(greatest(d.next_try_at, e.blocked_until)) - now()) * 1000)::float8 as ms from webhook_endpoint e
        cross join lateral (select next_try_at from webhook_delivery d where d.tenant_id = e.tenant_id and d.endpoint_id = e.id
          and d.state = 'waiting' order by d.next_try_at limit 1) d
        where e.state = 'active'`,
    );
    return z.tuple([z.object({ ms: z.number().nullable() })]).parse(rows)[0].ms;
  }
}

const mine = `tenant_id = $1 and id = $2 and state = 'waiting' and attempt = $3`;
const nameOf = ({ tenant, id, attempt }: ClaimedDelivery) => [tenant, id, attempt];

async function settleDelivered(client: SqlClient, delivery: ClaimedDelivery, status: number): Promise<void> {
  await client.query(
    `update webhook_delivery set state = 'delivered', ended_at = now(), last_status = $4, last_error = null where ${mine}`,
    [...nameOf(delivery), status],
  );
  await client.query(`update webhook_endpoint set failures = 0, blocked_until = null where tenant_id = $1 and id = $2 and failures > 0`, [
    delivery.tenant,
    delivery.endpoint,
  ]);
}

async function settleRetry(
  client: SqlClient,
  delivery: ClaimedDelivery,
  { failure, status, delayMs }: Extract<Settlement, { kind: 'retry' }>,
): Promise<void> {
  const { rowCount } = await client.query(
    `update webhook_delivery set next_try_at = now() + $4 * interval '1 millisecond', last_error = $5, last_status = $6 where ${mine}`,
    [...nameOf(delivery), delayMs, failure, status],
  );
  if (rowCount === 0) return;
  // The whole endpoint rests: what comes after would meet the same.
  await client.query(
    `update webhook_endpoint set failures = failures + 1, blocked_until = greatest(blocked_until, now() + $3 * interval '1 millisecond')
      where tenant_id = $1 and id = $2`,
    [delivery.tenant, delivery.endpoint, delayMs],
  );
}

async function settleGivenUp(
  client: SqlClient,
  delivery: ClaimedDelivery,
  { failure, status }: Extract<Settlement, { kind: 'give-up' }>,
): Promise<void> {
  const { tenant, endpoint } = delivery;
  const { rowCount } = await client.query(
    `update webhook_delivery set state = 'failed', ended_at = now(), last_error = $4, last_status = $5 where ${mine}`,
    [...nameOf(delivery), failure, status],
  );
  if (rowCount === 0) return;
  const suspended = await client.query(
    `update webhook_endpoint set state = 'suspended', suspended_at = now(), failures = failures + 1, blocked_until = null
      where tenant_id = $1 and id = $2 and state = 'active'`,
    [tenant, endpoint],
  );
  if (suspended.rowCount === 0) return;
  await client.query(
    `insert into audit_entry (tenant_id, actor, action, subject, details) values ($1, 'system', 'webhook.suspend', $2, $3)`,
    [tenant, endpoint, { failure, status, delivery: delivery.id }],
  );
  const { rows } = await client.query(
    `insert into event (tenant_id, code, severity, evidence, at, clock) values ($1, 'webhook.suspended', 'error', $2, now(), 'right') returning id::text`,
    [tenant, [`endpoint ${endpoint}`, `last failure: ${failure}${status === null ? '' : `, status ${status}`}`]],
  );
  const [{ id }] = z.tuple([z.object({ id: z.string() })]).parse(rows);
  await announceInSql(client, [{ tenant, kind: 'event', id }]);
  await queueWebhooksInSql(client, [{ tenant, type: 'webhook.suspended', subject: endpoint, data: { failure, status } }]);
}
