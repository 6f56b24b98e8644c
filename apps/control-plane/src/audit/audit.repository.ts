import type { AuditEntry, AuditQuery, Page, PageQuery, QuarantineEntry } from '@towline/protocol/http';
import * as z from 'zod';
import type { Prisma } from '../generated/prisma/client.ts';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database, Transaction } from '../platform/database.ts';

export interface AuditNote {
  readonly tenantId: string;
  /** Operator id, `device:<id>` or `system`. */
  readonly actor: string;
  /** `<resource>.<verb>`. */
  readonly action: string;
  readonly subject: string;
  /** No secrets: it is shown as it is. */
  readonly details?: Prisma.InputJsonObject;
}

/** Written in the transaction of what it tells of: both happen or neither. */
export async function recordAudit(tx: Transaction, note: AuditNote): Promise<void> {
  await tx.auditEntry.create({ data: { ...note, details: note.details ?? {} } });
}

const placeSchema = z.tuple([z.string().regex(/^\d{1,18}$/)]);
const detailsSchema = z.record(z.string(), z.unknown());
const shownPayloadBytes = 2048;

export class AuditRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(tenantId: string, { cursor, limit, subject }: AuditQuery): Promise<Page<AuditEntry>> {
    const place = decodeCursor(placeSchema, cursor);
    const rows = await this.#database.prisma.auditEntry.findMany({
      where: { tenantId, ...(subject === undefined ? {} : { subject }), ...(place ? { id: { lt: BigInt(place[0]) } } : {}) },
      orderBy: { id: 'desc' },
      take: limit + 1,
    });
    const item = ({ id, at, actor, action, subject, details }: (typeof rows)[number]) => ({
      id: String(id),
      at: at.toISOString(),
      actor,
      action,
      subject,
      details: detailsSchema.parse(details),
    });
    return pageOf(rows, limit, { item, place: (row) => [String(row.id)] });
  }

  async listQuarantine(tenantId: string, { cursor, limit }: PageQuery): Promise<Page<QuarantineEntry>> {
    const place = decodeCursor(placeSchema, cursor);
    const rows = await this.#database.prisma.quarantine.findMany({
      where: { tenantId, ...(place ? { id: { lt: BigInt(place[0]) } } : {}) },
      orderBy: { id: 'desc' },
      take: limit + 1,
    });
    const item = (row: (typeof rows)[number]) => ({
      id: String(row.id),
      device: row.deviceId,
      topic: row.topic,
      code: row.code,
      reason: row.reason,
      payload: Buffer.from(row.payload.subarray(0, shownPayloadBytes)).toString('utf8'),
      payloadBytes: row.payload.length,
      receivedAt: row.receivedAt.toISOString(),
    });
    return pageOf(rows, limit, { item, place: (row) => [String(row.id)] });
  }
}
