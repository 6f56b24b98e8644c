import type { Clock } from '@towline/kit';
import type { CreatedToken, CreateOperator, CreateToken, Operator, Page, PageQuery, Token } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Operator as OperatorRow, OperatorToken as TokenRow } from '../generated/prisma/client.ts';
import type { Ids } from '../platform/clock.ts';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database } from '../platform/database.ts';
import { refuseTaken } from '../platform/taken.ts';
import type { Caller } from './authorise.ts';
import { newToken, tokenHash } from './token.ts';

const namePlace = z.tuple([z.string()]);
const idPlace = z.tuple([z.uuid()]);

const shownOperator = ({ id, name, role, createdAt, disabledAt }: OperatorRow): Operator => ({
  id,
  name,
  role,
  createdAt: createdAt.toISOString(),
  disabledAt: disabledAt?.toISOString() ?? null,
});

const shownToken = ({ id, operatorId, label, createdAt, expiresAt, revokedAt }: TokenRow): Token => ({
  id,
  operator: operatorId,
  label,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  revokedAt: revokedAt?.toISOString() ?? null,
});

export class OperatorsRepository {
  readonly #database: Database;
  readonly #ids: Ids;
  readonly #clock: Clock;

  constructor(database: Database, ids: Ids, clock: Clock) {
    this.#database = database;
    this.#ids = ids;
    this.#clock = clock;
  }

  async callerOf(token: string): Promise<Caller | null> {
    const row = await this.#database.prisma.operatorToken.findUnique({
      where: { secretHash: tokenHash(token) },
      include: { operator: true },
    });
    if (!row || row.revokedAt || row.operator.disabledAt) return null;
    if (row.expiresAt && row.expiresAt.getTime() <= this.#clock.wallMs()) return null;
    const { tenantId, id, name, role } = row.operator;
    return { tenant: tenantId, id, name, role };
  }

  async list(tenantId: string, { cursor, limit }: PageQuery): Promise<Page<Operator>> {
    const place = decodeCursor(namePlace, cursor);
    const where = { tenantId, ...(place ? { name: { gt: place[0] } } : {}) };
    const rows = await this.#database.prisma.operator.findMany({ where, orderBy: { name: 'asc' }, take: limit + 1 });
    return pageOf(rows, limit, { item: shownOperator, place: (row) => [row.name] });
  }

  create(caller: Caller, { name, role }: CreateOperator): Promise<Operator> {
    const write = this.#database.prisma.$transaction(async (tx) => {
      const row = await tx.operator.create({ data: { tenantId: caller.tenant, id: this.#ids.uuid(), name, role } });
      await recordAudit(tx, {
        tenantId: caller.tenant,
        actor: caller.id,
        action: 'operator.create',
        subject: row.id,
        details: { name, role },
      });
      return shownOperator(row);
    });
    return refuseTaken(write, `an operator is called ${JSON.stringify(name)} already`);
  }

  /** Null when there is no such operator; one disabled already stays as it is. */
  disable(caller: Caller, id: string): Promise<Operator | null> {
    return this.#database.prisma.$transaction(async (tx) => {
      const where = { tenantId: caller.tenant, id };
      const { count } = await tx.operator.updateMany({ where: { ...where, disabledAt: null }, data: { disabledAt: this.#now() } });
      if (count > 0) await recordAudit(tx, { tenantId: caller.tenant, actor: caller.id, action: 'operator.disable', subject: id });
      const row = await tx.operator.findUnique({ where: { tenantId_id: where } });
      return row ? shownOperator(row) : null;
    });
  }

  async listTokens(tenantId: string, operatorId: string, { cursor, limit }: PageQuery): Promise<Page<Token>> {
    const place = decodeCursor(idPlace, cursor);
    const where = { tenantId, operatorId, ...(place ? { id: { gt: place[0] } } : {}) };
    const rows = await this.#database.prisma.operatorToken.findMany({ where, orderBy: { id: 'asc' }, take: limit + 1 });
    return pageOf(rows, limit, { item: shownToken, place: (row) => [row.id] });
  }

  /** Null when there is no such operator. */
  createToken(caller: Caller, operatorId: string, { label, expiresInS }: CreateToken): Promise<CreatedToken | null> {
    const secret = newToken(this.#ids);
    return this.#database.prisma.$transaction(async (tx) => {
      const operator = await tx.operator.findUnique({ where: { tenantId_id: { tenantId: caller.tenant, id: operatorId } } });
      if (!operator) return null;
      const expiresAt = expiresInS === undefined ? null : new Date(this.#clock.wallMs() + expiresInS * 1000);
      const row = await tx.operatorToken.create({
        data: { tenantId: caller.tenant, id: this.#ids.uuid(), operatorId, label, secretHash: tokenHash(secret), expiresAt },
      });
      await recordAudit(tx, {
        tenantId: caller.tenant,
        actor: caller.id,
        action: 'token.create',
        subject: row.id,
        details: { operator: operatorId, label },
      });
      return { ...shownToken(row), secret };
    });
  }

  /** Null when there is no such token; one revoked already stays as it is. */
  revokeToken(caller: Caller, id: string): Promise<Token | null> {
    return this.#database.prisma.$transaction(async (tx) => {
      const where = { tenantId: caller.tenant, id };
      const { count } = await tx.operatorToken.updateMany({ where: { ...where, revokedAt: null }, data: { revokedAt: this.#now() } });
      if (count > 0) await recordAudit(tx, { tenantId: caller.tenant, actor: caller.id, action: 'token.revoke', subject: id });
      const row = await tx.operatorToken.findUnique({ where: { tenantId_id: where } });
      return row ? shownToken(row) : null;
    });
  }

  #now(): Date {
    return new Date(this.#clock.wallMs());
  }
}
