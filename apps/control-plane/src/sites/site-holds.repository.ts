import type { HoldSite } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import { announceChanges } from '../platform/change-feed.ts';
import type { Database, Transaction } from '../platform/database.ts';

const lockKey = (tenantId: string) => `site-holds/${tenantId}`;
const sitesSchema = z.array(z.object({ site_id: z.uuid() }));
const answerSchema = z.array(z.object({ future: z.boolean() }));

/**
 * Keeps holds as they are until the caller's transaction ends: taken before holds are read, so that a change is opened either before a hold was
 * placed or not at all. Any number may hold it at once; only placing a hold waits for them.
 */
export async function keepHoldsStill(tx: Transaction, tenantId: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock_shared(hashtextextended(${lockKey(tenantId)}, 0))`;
}

/** Sites that are on hold now, by the database's clock, until the caller's transaction ends. */
export async function readHeldSites(tx: Transaction, tenantId: string): Promise<ReadonlySet<string>> {
  await keepHoldsStill(tx, tenantId);
  const rows =
    await tx.$queryRaw`select site_id from site_hold where tenant_id = ${tenantId} and (expires_at is null or expires_at > now())`;
  return new Set(sitesSchema.parse(rows).map((row) => row.site_id));
}

export type Placing = 'placed' | 'no-site' | 'over-already';

/** Holds that keep everything off a site. */
export class SiteHoldsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** One that stands is replaced. Once this has answered, nothing is opened at the site any more. */
  place({ tenant: tenantId, id: actor }: Caller, siteId: string, { reason, until }: HoldSite): Promise<Placing> {
    const expiresAt = until === undefined ? null : new Date(until);
    return this.#database.prisma.$transaction(async (tx): Promise<Placing> => {
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${lockKey(tenantId)}, 0))`;
      if ((await tx.site.count({ where: { tenantId, id: siteId } })) === 0) return 'no-site';
      if (expiresAt && !(await isInFuture(tx, expiresAt))) return 'over-already';
      const hold = { reason, expiresAt, heldBy: actor };
      await tx.$executeRaw`delete from site_hold where tenant_id = ${tenantId} and site_id = ${siteId}::uuid`;
      await tx.siteHold.create({ data: { tenantId, siteId, ...hold } });
      const details = { reason, until: expiresAt?.toISOString() ?? null };
      await recordAudit(tx, { tenantId, actor, action: 'site.hold', subject: siteId, details });
      return 'placed';
    });
  }

  /** What waited at the site goes on its way. False when there is no such site; lifting what does not stand changes nothing. */
  lift({ tenant: tenantId, id: actor }: Caller, siteId: string): Promise<boolean> {
    return this.#database.prisma.$transaction(async (tx) => {
      if ((await tx.site.count({ where: { tenantId, id: siteId } })) === 0) return false;
      const { count } = await tx.siteHold.deleteMany({ where: { tenantId, siteId } });
      if (count === 0) return true;
      await recordAudit(tx, { tenantId, actor, action: 'site.hold-lifted', subject: siteId });
      const waited = z.array(z.object({ id: z.string() })).parse(await tx.$queryRawUnsafe(liftSql, tenantId, siteId));
      const changes = waited.map(({ id }) => ({ tenant: tenantId, kind: 'device' as const, id, device: id }));
      await announceChanges(tx, changes);
      return true;
    });
  }
}

/** `over`: sites whose hold has ended. What was opened for their devices and did not reach them goes into the outbox. */
const sendWhatWaited = `
  waiting as (
    select d.tenant_id as tenant, d.id, 'target' as channel, null as subject from over o
      join device d on d.tenant_id = o.tenant_id and d.site_id = o.site_id
      join target t on t.tenant_id = d.tenant_id and t.device_id = d.id and t.held_at is null
    union all
    select d.tenant_id, d.id, 'job', j.id::text from over o
      join device d on d.tenant_id = o.tenant_id and d.site_id = o.site_id
      join job j on j.tenant_id = d.tenant_id and j.device_id = d.id and j.state = 'queued' and j.expires_at > now()
  ), sent as (
    insert into outbox (tenant_id, device_id, channel, subject) select tenant, id, channel, subject from waiting order by id
  ), woken as (select pg_notify('towline_outbox', '') where exists (select from waiting))
  select distinct tenant, id, id as device from waiting, (select count(*) from woken) as wake`;

const liftSql = `with over as (select $1::text as tenant_id, $2::uuid as site_id), ${sendWhatWaited}`;

/** For the ticker: ends holds whose time is over, and answers the devices that something waited for. */
export const endHoldsSql = (atOnce: number) => `
  with over as (
    delete from site_hold where (tenant_id, site_id) in (
      select tenant_id, site_id from site_hold where expires_at <= now() order by expires_at limit ${atOnce} for update skip locked)
    returning tenant_id, site_id
  ), ${sendWhatWaited}`;

async function isInFuture(tx: Transaction, time: Date): Promise<boolean> {
  const rows = await tx.$queryRaw`select ${time.toISOString()}::timestamptz > now() as future`;
  return answerSchema.parse(rows)[0]?.future ?? false;
}
