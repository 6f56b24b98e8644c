import type { WebhookType } from '@towline/protocol/http';
import type { Prisma } from '../generated/prisma/client.ts';
import type { SqlClient, Transaction } from '../platform/database.ts';

/** Something that endpoints of a tenant may want to know. */
export interface WebhookNote {
  readonly tenant: string;
  readonly type: WebhookType;
  /** Id of what it is about. */
  readonly subject: string;
  /** No secrets: it leaves the house. */
  readonly data: Prisma.InputJsonObject;
}

export const webhookChannel = 'towline_webhook';

/** One statement: a delivery for each endpoint that wants it, and the courier is woken when there is one. */
const queueSql = `with made as (
    insert into webhook_delivery (tenant_id, id, endpoint_id, type, body)
    select e.tenant_id, gen_random_uuid(), e.id, n.type,
           jsonb_build_object('type', n.type, 'at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                              'tenant', n.tenant, 'subject', n.subject, 'data', n.data)
      from jsonb_to_recordset($1::jsonb) as n (tenant text, type text, subject text, data jsonb)
      join webhook_endpoint e on e.tenant_id = n.tenant and e.state = 'active'
       and e.types && array['*', split_part(n.type, '.', 1) || '.*', n.type]
    returning 1)
  select pg_notify('towline_webhook', '') from made limit 1`;

/** Written in the transaction of what it tells of: both happen or neither. An endpoint that is paused or suspended gets nothing. */
export async function queueWebhooks(tx: Transaction, notes: readonly WebhookNote[]): Promise<void> {
  if (notes.length > 0) await tx.$executeRawUnsafe(queueSql, JSON.stringify(notes));
}

/** The same for hand-made SQL: inside the transaction of `client`. */
export async function queueWebhooksInSql(client: SqlClient, notes: readonly WebhookNote[]): Promise<void> {
  if (notes.length > 0) await client.query({ name: 'webhooks-queue', text: queueSql, values: [JSON.stringify(notes)] });
}
