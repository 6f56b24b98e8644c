import type { Clock } from '@towline/kit';
import { canonicalJson, jobOrderSchema } from '@towline/protocol';
import type { CreateJob, Job, JobQuery, JobState, Page, UpdateAtQuestions } from '@towline/protocol/http';
import { jobSchema } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import { enqueueDown } from '../outbox/outbox.repository.ts';
import { announceChanges } from '../platform/change-feed.ts';
import type { Ids } from '../platform/clock.ts';
import { decodeCursor, pageOf } from '../platform/cursor.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { readHeldSites } from '../sites/site-holds.repository.ts';
import { addedQuestions, mayBeOrdered } from './may-be-ordered.repository.ts';

/** How many jobs of one device may be open at once. */
export const maxOpenJobs = 16;
const openStates: JobState[] = ['queued', 'accepted', 'running'];

const placeSchema = z.tuple([z.iso.datetime(), z.uuid()]);

interface JobRow {
  readonly id: string;
  readonly deviceId: string;
  readonly order: unknown;
  readonly state: JobState;
  readonly progress: number;
  readonly result: unknown;
  readonly fault: unknown;
  readonly cancelRequested: boolean;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly updatedAt: Date;
}

function shown(row: JobRow): Job {
  const { deviceId, order, result, fault, ...rest } = row;
  return {
    ...rest,
    device: deviceId,
    order: jobOrderSchema.parse(order),
    result: jobSchema.shape.result.parse(result),
    fault: jobSchema.shape.fault.parse(fault),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export type JobCreation =
  | { readonly outcome: 'created' | 'exists'; readonly job: Job }
  | { readonly outcome: 'no-device' | 'too-many' | 'id-taken' | 'on-hold' | 'not-allowed' };

const select = {
  id: true,
  deviceId: true,
  order: true,
  state: true,
  progress: true,
  result: true,
  fault: true,
  cancelRequested: true,
  createdAt: true,
  createdBy: true,
  expiresAt: true,
  updatedAt: true,
} as const;

export class JobsRepository {
  readonly #database: Database;
  readonly #ids: Ids;
  readonly #clock: Clock;

  constructor(database: Database, ids: Ids, clock: Clock) {
    this.#database = database;
    this.#ids = ids;
    this.#clock = clock;
  }

  create(caller: Caller, request: CreateJob): Promise<JobCreation> {
    const { tenant: tenantId } = caller;
    return this.#database.prisma.$transaction(async (tx): Promise<JobCreation> => {
      // One at a time and device: the bound holds, and a repeated id meets the job it made.
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`jobs/${tenantId}/${request.device}`}, 0))`;
      const sent =
        request.id === undefined ? null : await tx.job.findUnique({ where: { tenantId_id: { tenantId, id: request.id } }, select });
      if (sent) return isSame(sent, request) ? { outcome: 'exists', job: shown(sent) } : { outcome: 'id-taken' };
      const device = await tx.device.findUnique({ where: { tenantId_id: { tenantId, id: request.device } }, select: { siteId: true } });
      if (!device) return { outcome: 'no-device' };
      if (!(await mayBeOrdered(tx, tenantId, request.order))) return { outcome: 'not-allowed' };
      if (!request.force && device.siteId !== null && (await readHeldSites(tx, tenantId)).has(device.siteId)) return { outcome: 'on-hold' };
      const open = await tx.job.count({ where: { tenantId, deviceId: request.device, state: { in: openStates } } });
      return open >= maxOpenJobs ? { outcome: 'too-many' } : { outcome: 'created', job: await this.#insert(tx, caller, request) };
    });
  }

  /** What operators of this tenant may ask modems besides what everybody may. */
  addedQuestions(tenantId: string): Promise<string[]> {
    return addedQuestions(this.#database.prisma, tenantId);
  }

  updateQuestions({ tenant: tenantId, id: actor }: Caller, { added }: UpdateAtQuestions): Promise<void> {
    return this.#database.prisma.$transaction(async (tx) => {
      await tx.tenant.update({ where: { id: tenantId }, data: { atQuestions: added } });
      await recordAudit(tx, { tenantId, actor, action: 'job.allow', subject: tenantId, details: { added } });
    });
  }

  async get(tenantId: string, id: string): Promise<Job | null> {
    const row = await this.#database.prisma.job.findUnique({ where: { tenantId_id: { tenantId, id } }, select });
    return row && shown(row);
  }

  /** Newest first. */
  async list(tenantId: string, { cursor, limit, device, state }: JobQuery): Promise<Page<Job>> {
    const place = decodeCursor(placeSchema, cursor);
    const before = place ? { OR: [{ createdAt: { lt: place[0] } }, { createdAt: place[0], id: { lt: place[1] } }] } : {};
    const rows = await this.#database.prisma.job.findMany({
      where: { tenantId, ...(device === undefined ? {} : { deviceId: device }), ...(state === undefined ? {} : { state }), ...before },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      select,
    });
    return pageOf(rows, limit, { item: shown, place: (row) => [row.createdAt.toISOString(), row.id] });
  }

  /** The device decides whether it can still be stopped. Null when there is no such job; one that ended stays as it is. */
  cancel(caller: Caller, id: string): Promise<Job | null> {
    const { tenant: tenantId, id: actor } = caller;
    return this.#database.prisma.$transaction(async (tx) => {
      const asked = await tx.job.updateMany({
        where: { tenantId, id, state: { in: openStates }, cancelRequested: false },
        data: { cancelRequested: true, updatedAt: this.#now() },
      });
      const row = await tx.job.findUnique({ where: { tenantId_id: { tenantId, id } }, select });
      if (row && asked.count > 0) {
        await recordAudit(tx, { tenantId, actor, action: 'job.cancel', subject: id, details: { device: row.deviceId } });
        await tell(tx, tenantId, row);
      }
      return row && shown(row);
    });
  }

  async #insert(tx: Transaction, { tenant: tenantId, id: actor }: Caller, { id, device, order, ttlS, force }: CreateJob): Promise<Job> {
    const now = this.#now();
    const row = await tx.job.create({
      data: {
        tenantId,
        id: id ?? this.#ids.uuid(),
        deviceId: device,
        order,
        forced: force,
        createdBy: actor,
        createdAt: now,
        updatedAt: now,
        expiresAt: new Date(now.getTime() + ttlS * 1000),
      },
      select,
    });
    await recordAudit(tx, {
      tenantId,
      actor,
      action: 'job.create',
      subject: row.id,
      details: { device, kind: order.kind, ...(force ? { force } : {}) },
    });
    await tell(tx, tenantId, row);
    return shown(row);
  }

  #now(): Date {
    return new Date(this.#clock.wallMs());
  }
}

const isSame = (row: JobRow, request: CreateJob): boolean =>
  row.deviceId === request.device && canonicalJson(row.order) === canonicalJson(request.order);

async function tell(tx: Transaction, tenantId: string, { id, deviceId }: JobRow): Promise<void> {
  await enqueueDown(tx, [{ tenantId, deviceId, channel: 'job', subject: id }]);
  await announceChanges(tx, [{ tenant: tenantId, kind: 'job', id, device: deviceId }]);
}
