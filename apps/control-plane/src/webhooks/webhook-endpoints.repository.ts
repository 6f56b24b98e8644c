import {
  type CreateWebhook,
  type Page,
  type PageQuery,
  type UpdateWebhook,
  type Webhook,
  type WebhookDelivery,
  type WebhookDeliveryQuery,
  webhookDeliverySchema,
  webhookSchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { WebhookDelivery as DeliveryRow, WebhookEndpoint as EndpointRow } from '../generated/prisma/client.ts';
import type { Caller } from '../operators/authorise.ts';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { webhookChannel } from './webhook-queue.repository.ts';

export const maxWebhooks = 20;
/** How long both secrets sign after a change. */
const overlapHours = 24;
const redeliverAtOnce = 1000;

const idPlace = z.tuple([z.uuid()]);
const deliveryPlace = z.tuple([z.iso.datetime(), z.uuid()]);
const isoOrNull = (time: Date | null): string | null => time?.toISOString() ?? null;

const shown = (row: EndpointRow): Webhook =>
  webhookSchema.parse({
    ...row,
    blockedUntil: isoOrNull(row.blockedUntil),
    suspendedAt: isoOrNull(row.suspendedAt),
    createdAt: row.createdAt.toISOString(),
  });

const shownDelivery = (row: DeliveryRow): WebhookDelivery =>
  webhookDeliverySchema.parse({
    ...row,
    nextTryAt: row.state === 'waiting' ? row.nextTryAt.toISOString() : null,
    createdAt: row.createdAt.toISOString(),
    endedAt: isoOrNull(row.endedAt),
  });

/** A new endpoint as it is kept. */
export type NewWebhook = CreateWebhook & { readonly id: string; readonly sealedSecret: string };

export class WebhookEndpointsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(tenantId: string, { cursor, limit }: PageQuery): Promise<Page<Webhook>> {
    const place = decodeCursor(idPlace, cursor);
    const rows = await this.#database.prisma.webhookEndpoint.findMany({
      where: { tenantId, ...(place ? { id: { gt: place[0] } } : {}) },
      orderBy: { id: 'asc' },
      take: limit + 1,
    });
    return pageOf(rows, limit, { item: shown, place: ({ id }) => [id] });
  }

  async get(tenantId: string, id: string): Promise<Webhook | null> {
    const row = await this.#database.prisma.webhookEndpoint.findUnique({ where: { tenantId_id: { tenantId, id } } });
    return row && shown(row);
  }

  /** Null when the tenant has as many as it may. */
  create({ tenant: tenantId, id: actor }: Caller, { sealedSecret, ...made }: NewWebhook): Promise<Webhook | null> {
    return this.#database.prisma.$transaction(async (tx) => {
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`webhooks/${tenantId}`}, 0))`;
      if ((await tx.webhookEndpoint.count({ where: { tenantId } })) >= maxWebhooks) return null;
      const row = await tx.webhookEndpoint.create({ data: { tenantId, createdBy: actor, secret: sealedSecret, ...made } });
      await recordAudit(tx, { tenantId, actor, action: 'webhook.create', subject: row.id, details: { url: row.url, types: row.types } });
      return shown(row);
    });
  }

  update({ tenant: tenantId, id: actor }: Caller, id: string, { url, types, description, state }: UpdateWebhook): Promise<Webhook | null> {
    const change = {
      ...(url === undefined ? {} : { url }),
      ...(types === undefined ? {} : { types }),
      ...(description === undefined ? {} : { description }),
      ...(state === undefined ? {} : { state }),
    };
    // Another address, or a person who says so, is reason enough to try at once.
    const afresh = url !== undefined || state === 'active' ? { failures: 0, blockedUntil: null } : {};
    return this.#database.prisma.$transaction(async (tx) => {
      const data = { ...change, ...afresh, ...(state === undefined ? {} : { suspendedAt: null }) };
      const { count } = await tx.webhookEndpoint.updateMany({ where: { tenantId, id }, data });
      if (count === 0) return null;
      await recordAudit(tx, { tenantId, actor, action: 'webhook.update', subject: id, details: change });
      if (state === 'active') await tryWaitingAgain(tx, tenantId, id);
      await wake(tx);
      const row = await tx.webhookEndpoint.findUnique({ where: { tenantId_id: { tenantId, id } } });
      return row && shown(row);
    });
  }

  /** The former secret signs too for a day. Null when there is no such endpoint. */
  changeSecret({ tenant: tenantId, id: actor }: Caller, id: string, sealedSecret: string): Promise<Webhook | null> {
    return this.#database.prisma.$transaction(async (tx) => {
      const count = await tx.$executeRaw`
        update webhook_endpoint set previous_secret = secret, previous_until = now() + ${overlapHours} * interval '1 hour', secret = ${sealedSecret}
         where tenant_id = ${tenantId} and id = ${id}::uuid`;
      if (count === 0) return null;
      await recordAudit(tx, { tenantId, actor, action: 'webhook.secret', subject: id });
      const row = await tx.webhookEndpoint.findUnique({ where: { tenantId_id: { tenantId, id } } });
      return row && shown(row);
    });
  }

  /** False when there is no such endpoint. What waited for it goes with it. */
  remove({ tenant: tenantId, id: actor }: Caller, id: string): Promise<boolean> {
    return this.#database.prisma.$transaction(async (tx) => {
      const { count } = await tx.webhookEndpoint.deleteMany({ where: { tenantId, id } });
      if (count > 0) await recordAudit(tx, { tenantId, actor, action: 'webhook.remove', subject: id });
      return count > 0;
    });
  }

  /** To this endpoint alone, whatever it wants to be told of. Null when there is none. */
  test({ tenant: tenantId, id: actor, name }: Caller, endpointId: string, id: string): Promise<WebhookDelivery | null> {
    return this.#database.prisma.$transaction(async (tx) => {
      if ((await tx.webhookEndpoint.count({ where: { tenantId, id: endpointId } })) === 0) return null;
      const made = await tx.webhookDelivery.create({ data: { tenantId, id, endpointId, type: 'webhook.test', body: {} } });
      const body = { type: 'webhook.test', at: made.createdAt.toISOString(), tenant: tenantId, subject: endpointId, data: { by: name } };
      const row = await tx.webhookDelivery.update({ where: { tenantId_id: { tenantId, id } }, data: { body } });
      await recordAudit(tx, { tenantId, actor, action: 'webhook.test', subject: endpointId });
      await wake(tx);
      return shownDelivery(row);
    });
  }

  /** Newest first. */
  async deliveries(tenantId: string, endpointId: string, { cursor, limit, state }: WebhookDeliveryQuery): Promise<Page<WebhookDelivery>> {
    const place = decodeCursor(deliveryPlace, cursor);
    const before = place ? { OR: [{ createdAt: { lt: place[0] } }, { createdAt: place[0], id: { lt: place[1] } }] } : {};
    const rows = await this.#database.prisma.webhookDelivery.findMany({
      where: { tenantId, endpointId, ...(state === undefined ? {} : { state }), ...before },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
    });
    return pageOf(rows, limit, { item: shownDelivery, place: (row) => [row.createdAt.toISOString(), row.id] });
  }

  /**
   * Puts deliveries on their way again, under their own ids: one, however it ended, or those that failed, a bounded number at once.
   * @returns how many
   */
  redeliver({ tenant: tenantId, id: actor }: Caller, endpointId: string, delivery: string | null): Promise<number> {
    return this.#database.prisma.$transaction(async (tx) => {
      const count =
        delivery === null
          ? await tx.$executeRaw`
              update webhook_delivery set state = 'waiting', attempt = 0, next_try_at = now(), ended_at = null where tenant_id = ${tenantId} and id in (
                select id from webhook_delivery where tenant_id = ${tenantId} and endpoint_id = ${endpointId}::uuid and state = 'failed'
                 order by created_at limit ${redeliverAtOnce})`
          : await tx.$executeRaw`
              update webhook_delivery set state = 'waiting', attempt = 0, next_try_at = now(), ended_at = null
               where tenant_id = ${tenantId} and endpoint_id = ${endpointId}::uuid and id = ${delivery}::uuid and state <> 'waiting'`;
      if (count > 0) {
        await recordAudit(tx, {
          tenantId,
          actor,
          action: 'webhook.redeliver',
          subject: endpointId,
          details: { deliveries: count, delivery },
        });
        await wake(tx);
      }
      return count;
    });
  }

  async deliveryExists(tenantId: string, endpointId: string, id: string): Promise<boolean> {
    return (await this.#database.prisma.webhookDelivery.count({ where: { tenantId, endpointId, id } })) > 0;
  }
}

async function tryWaitingAgain(tx: Transaction, tenantId: string, endpointId: string): Promise<void> {
  await tx.$executeRaw`update webhook_delivery set attempt = 0, next_try_at = now()
    where tenant_id = ${tenantId} and endpoint_id = ${endpointId}::uuid and state = 'waiting'`;
}

async function wake(tx: Transaction): Promise<void> {
  await tx.$executeRaw`select pg_notify(${webhookChannel}, '')`;
}
