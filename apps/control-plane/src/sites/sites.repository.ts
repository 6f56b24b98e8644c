import type { Clock } from '@towline/kit';
import type { CreateSite, Page, PageQuery, Site, UpdateSite } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import type { Ids } from '../platform/clock.ts';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database } from '../platform/database.ts';
import { refuseInUse, refuseTaken } from '../platform/taken.ts';

const placeSchema = z.tuple([z.string()]);
const shown = { id: true, name: true, zone: true, hold: true } as const;

interface SiteRow {
  readonly id: string;
  readonly name: string;
  readonly zone: string | null;
  readonly hold: { readonly reason: string; readonly expiresAt: Date | null; readonly heldAt: Date; readonly heldBy: string } | null;
}

/** A hold whose time is over is none. */
function siteOf({ hold, ...site }: SiteRow, nowMs: number): Site {
  const stands = hold && (hold.expiresAt === null || hold.expiresAt.getTime() > nowMs);
  if (!stands) return { ...site, hold: null };
  const { reason, expiresAt, heldAt, heldBy } = hold;
  return { ...site, hold: { reason, until: expiresAt?.toISOString() ?? null, since: heldAt.toISOString(), by: heldBy } };
}

export class SitesRepository {
  readonly #database: Database;
  readonly #ids: Ids;
  readonly #clock: Clock;

  constructor(database: Database, ids: Ids, clock: Clock) {
    this.#database = database;
    this.#ids = ids;
    this.#clock = clock;
  }

  async list(tenantId: string, { cursor, limit }: PageQuery): Promise<Page<Site>> {
    const place = decodeCursor(placeSchema, cursor);
    const where = { tenantId, ...(place ? { name: { gt: place[0] } } : {}) };
    const rows = await this.#database.prisma.site.findMany({ where, orderBy: { name: 'asc' }, take: limit + 1, select: shown });
    return pageOf(rows, limit, { item: (row) => siteOf(row, this.#clock.wallMs()), place: (row) => [row.name] });
  }

  async get(tenantId: string, id: string): Promise<Site | null> {
    const row = await this.#database.prisma.site.findUnique({ where: { tenantId_id: { tenantId, id } }, select: shown });
    return row && siteOf(row, this.#clock.wallMs());
  }

  create({ tenant: tenantId, id: actor }: Caller, { name, zone }: CreateSite): Promise<Site> {
    const write = this.#database.prisma.$transaction(async (tx) => {
      const site = await tx.site.create({ data: { tenantId, id: this.#ids.uuid(), name, zone }, select: shown });
      await recordAudit(tx, { tenantId, actor, action: 'site.create', subject: site.id, details: { name, zone } });
      return siteOf(site, this.#clock.wallMs());
    });
    return refuseTaken(write, `a site is called ${JSON.stringify(name)} already`);
  }

  update({ tenant: tenantId, id: actor }: Caller, id: string, { name, zone }: UpdateSite): Promise<Site | null> {
    const change = { ...(name === undefined ? {} : { name }), ...(zone === undefined ? {} : { zone }) };
    const write = this.#database.prisma.$transaction(async (tx) => {
      const { count } = await tx.site.updateMany({ where: { tenantId, id }, data: change });
      if (count === 0) return null;
      await recordAudit(tx, { tenantId, actor, action: 'site.update', subject: id, details: change });
      const site = await tx.site.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id } }, select: shown });
      return siteOf(site, this.#clock.wallMs());
    });
    return refuseTaken(write, `a site is called ${JSON.stringify(name)} already`);
  }

  /** False when there is no such site. */
  remove({ tenant: tenantId, id: actor }: Caller, id: string): Promise<boolean> {
    const removal = this.#database.prisma.$transaction(async (tx) => {
      const { count } = await tx.site.deleteMany({ where: { tenantId, id } });
      if (count > 0) await recordAudit(tx, { tenantId, actor, action: 'site.remove', subject: id });
      return count > 0;
    });
    return refuseInUse(removal, 'devices stand at this site: move them first');
  }
}
