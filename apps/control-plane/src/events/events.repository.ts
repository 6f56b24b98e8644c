import { severitySchema } from '@towline/protocol';
import type { EventItem, EventQuery, Page } from '@towline/protocol/http';
import * as z from 'zod';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database } from '../platform/database.ts';

const placeSchema = z.tuple([z.string().regex(/^\d{1,18}$/)]);

export class EventsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(tenantId: string, { cursor, limit, device, code }: EventQuery): Promise<Page<EventItem>> {
    const place = decodeCursor(placeSchema, cursor);
    const rows = await this.#database.prisma.event.findMany({
      where: {
        tenantId,
        ...(device === undefined ? {} : { deviceId: device }),
        ...(code === undefined ? {} : { code }),
        ...(place ? { id: { lt: BigInt(place[0]) } } : {}),
      },
      orderBy: { id: 'desc' },
      take: limit + 1,
    });
    const item = ({ id, tenantId: _tenant, deviceId, ...row }: (typeof rows)[number]): EventItem => ({
      ...row,
      id: String(id),
      device: deviceId,
      severity: severitySchema.parse(row.severity),
      at: row.at.toISOString(),
      deviceTime: row.deviceTime?.toISOString() ?? null,
      receivedAt: row.receivedAt.toISOString(),
    });
    return pageOf(rows, limit, { item, place: (row) => [String(row.id)] });
  }

  async deviceExists(tenantId: string, id: string): Promise<boolean> {
    return (await this.#database.prisma.device.count({ where: { tenantId, id } })) > 0;
  }
}
