import { createHash } from 'node:crypto';
import type { Clock } from '@towline/kit';
import type { DeviceAddress } from '@towline/protocol';
import type { ClaimToken, CreateClaimToken, CreatedClaimToken, Enrol, Page, PageQuery } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { ClaimToken as ClaimRow } from '../generated/prisma/client.ts';
import type { Caller } from '../operators/authorise.ts';
import { newToken, tokenHash } from '../operators/token.ts';
import { announceChanges } from '../platform/change-feed.ts';
import type { Ids } from '../platform/clock.ts';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { found } from '../platform/refusal.ts';
import { deviceIdFrom } from './device-id.ts';

const idPlace = z.tuple([z.uuid()]);

const shown = ({ id, label, usesLeft, siteId, tags, createdAt, expiresAt, revokedAt }: ClaimRow): ClaimToken => ({
  id,
  label,
  usesLeft,
  site: siteId,
  tags,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  revokedAt: revokedAt?.toISOString() ?? null,
});

/** Of the octets that the device will send as its MQTT password. */
const secretHash = (secret: string) => Uint8Array.from(createHash('sha256').update(secret).digest());

export class EnrolmentRepository {
  readonly #database: Database;
  readonly #ids: Ids;
  readonly #clock: Clock;

  constructor(database: Database, ids: Ids, clock: Clock) {
    this.#database = database;
    this.#ids = ids;
    this.#clock = clock;
  }

  /**
   * The device with this secret, made now if there is none: whoever knows a device's secret is that device.
   * Null when a new one is not allowed by the claim token: unknown, used up, expired or revoked, which all look alike from outside.
   */
  enrol(request: Enrol): Promise<DeviceAddress | null> {
    return this.#database.prisma.$transaction(async (tx) => {
      const credentialHash = secretHash(request.secret);
      const existing = await tx.device.findUnique({ where: { credentialHash }, select: { tenantId: true, id: true } });
      if (existing) return { tenant: existing.tenantId, device: existing.id };
      const claim = await this.#spend(tx, request.claimToken);
      return claim ? this.#make(tx, claim, { request, credentialHash }) : null;
    });
  }

  async list(tenantId: string, { cursor, limit }: PageQuery): Promise<Page<ClaimToken>> {
    const place = decodeCursor(idPlace, cursor);
    const where = { tenantId, ...(place ? { id: { gt: place[0] } } : {}) };
    const rows = await this.#database.prisma.claimToken.findMany({ where, orderBy: { id: 'asc' }, take: limit + 1 });
    return pageOf(rows, limit, { item: shown, place: (row) => [row.id] });
  }

  create(caller: Caller, { label, uses, expiresInS, site, tags }: CreateClaimToken): Promise<CreatedClaimToken> {
    return this.#database.prisma.$transaction(async (tx) => {
      const { tenant: tenantId } = caller;
      if (site !== undefined) found(await tx.site.findUnique({ where: { tenantId_id: { tenantId, id: site } } }), 'site');
      const secret = newToken(this.#ids);
      const expiresAt = new Date(this.#clock.wallMs() + expiresInS * 1000);
      const made = {
        tenantId,
        id: this.#ids.uuid(),
        label,
        secretHash: tokenHash(secret),
        usesLeft: uses,
        siteId: site ?? null,
        tags,
        expiresAt,
      };
      const row = await tx.claimToken.create({ data: made });
      await recordAudit(tx, { tenantId, actor: caller.id, action: 'claim-token.create', subject: row.id, details: { label, uses } });
      return { ...shown(row), secret };
    });
  }

  /** False when there is no such token. */
  revoke({ tenant: tenantId, id: actor }: Caller, id: string): Promise<boolean> {
    return this.#database.prisma.$transaction(async (tx) => {
      const revokedAt = new Date(this.#clock.wallMs());
      const { count } = await tx.claimToken.updateMany({ where: { tenantId, id }, data: { revokedAt } });
      if (count > 0) await recordAudit(tx, { tenantId, actor, action: 'claim-token.revoke', subject: id });
      return count > 0;
    });
  }

  /** Takes one use off, which no two devices can share. */
  async #spend(tx: Transaction, token: string): Promise<ClaimRow | null> {
    const hash = tokenHash(token);
    const now = new Date(this.#clock.wallMs());
    const usable = { secretHash: hash, revokedAt: null, usesLeft: { gt: 0 }, expiresAt: { gt: now } };
    const { count } = await tx.claimToken.updateMany({ where: usable, data: { usesLeft: { decrement: 1 } } });
    return count === 0 ? null : tx.claimToken.findUnique({ where: { secretHash: hash } });
  }

  async #make(
    tx: Transaction,
    claim: ClaimRow,
    { request, credentialHash }: { request: Enrol; credentialHash: Uint8Array<ArrayBuffer> },
  ): Promise<DeviceAddress> {
    const { tenantId, siteId, tags } = claim;
    const id = deviceIdFrom(this.#ids.secret(10));
    const { boardSerial, imeis } = request.fingerprint;
    const name = request.name ?? boardSerial ?? id;
    const fingerprint = { boardSerial, imeis };
    await tx.device.create({ data: { tenantId, id, name, siteId, tags, credentialHash, fingerprint } });
    await recordAudit(tx, { tenantId, actor: `device:${id}`, action: 'device.enrol', subject: id, details: { claimToken: claim.id } });
    await announceChanges(tx, [{ tenant: tenantId, kind: 'device', id, device: id }]);
    return { tenant: tenantId, device: id };
  }
}
