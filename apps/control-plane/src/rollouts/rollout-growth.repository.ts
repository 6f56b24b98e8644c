import { faultCode, faultText } from '@towline/kit';
import { selectionSchema } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { type Sql, sql } from '../platform/sql.ts';
import { SelectionRepository } from '../targeting/selection.repository.ts';
import { lockRollout, type RolloutKey, readRows, runSql } from './live-rollout.repository.ts';
import { lifelines } from './plan.repository.ts';
import { roomToGrow } from './room-to-grow.ts';

/** Taken in at once: the rest comes with the next turn. */
const atOnce = 1000;

const keySchema = z.object({ tenantId: z.string(), id: z.uuid() });
const standingSchema = z.object({ lastWave: z.int(), lastPlace: z.int() });

/** Lets dynamic rollouts take in devices that have come to belong to their selection, as far as was approved. Any number may call at once. */
export class RolloutGrowth {
  readonly #database: Database;
  readonly #log: ControlPlaneLog;
  readonly #selections: SelectionRepository;

  constructor(database: Database, log: ControlPlaneLog) {
    this.#database = database;
    this.#log = log;
    this.#selections = new SelectionRepository(database);
  }

  /** Looks at every dynamic rollout that runs. @returns how many devices were taken in */
  async grow(): Promise<number> {
    const { prisma } = this.#database;
    const running = sql`select tenant_id as "tenantId", id from rollout where settled_at is null and state = 'running' and selection ? 'dynamic'`;
    let taken = 0;
    for (const key of await readRows(prisma, keySchema, running)) taken += await this.#growOne(key);
    return taken;
  }

  /** One that cannot grow, as its group is gone, stands in nobody's way. */
  async #growOne(key: RolloutKey): Promise<number> {
    try {
      return await this.#database.prisma.$transaction((tx) => this.#take(tx, key));
    } catch (error) {
      this.#log.warn('tick.failed', { duty: 'growth', rollout: key.id, code: faultCode(error), reason: faultText(error) });
      return 0;
    }
  }

  async #take(tx: Transaction, key: RolloutKey): Promise<number> {
    const rollout = await lockRollout(tx, key, false);
    if (rollout?.state !== 'running') return 0;
    const room = roomToGrow(rollout);
    const [now] = await readRows(tx, standingSchema, standing(key));
    if (!now || room === 0) return 0;
    const condition = await this.#selections.condition(key.tenantId, selectionSchema.parse(rollout.selection));
    return takeIn(tx, key, { condition, wave: now.lastWave, after: now.lastPlace, limit: Math.min(room, atOnce) });
  }
}

/** One that nobody belonged to when it was planned has no wave yet. */
const standing = ({ tenantId, id }: RolloutKey): Sql => sql`
  select coalesce((select max(w.number) from rollout_wave w where w.tenant_id = ${tenantId} and w.rollout_id = ${id}::uuid), 1) as "lastWave",
         coalesce((select max(m.place) from rollout_device m where m.tenant_id = ${tenantId} and m.rollout_id = ${id}::uuid), 0) as "lastPlace"`;

interface Taking {
  readonly condition: Sql;
  readonly wave: number;
  readonly after: number;
  readonly limit: number;
}

/** They join the last wave, behind all that are there: by then the others have shown that it goes well. */
async function takeIn(tx: Transaction, { tenantId, id }: RolloutKey, { condition, wave, after, limit }: Taking): Promise<number> {
  const taken = await runSql(
    tx,
    sql`insert into rollout_device (tenant_id, rollout_id, device_id, place, wave, lifelines)
        select ${tenantId}, ${id}::uuid, d.id, ${after} + row_number() over (order by d.id), ${wave}, ${lifelines}
          from device d
         where d.tenant_id = ${tenantId} and (${condition})
           and not exists (select 1 from rollout_device m where m.tenant_id = ${tenantId} and m.rollout_id = ${id}::uuid and m.device_id = d.id)
         order by d.id limit ${limit}`,
  );
  if (taken === 0) return 0;
  await runSql(
    tx,
    sql`update rollout set devices = devices + ${taken}, grown = grown + ${taken} where tenant_id = ${tenantId} and id = ${id}::uuid`,
  );
  await runSql(
    tx,
    sql`insert into rollout_wave as w (tenant_id, rollout_id, number, size, opened_at) values (${tenantId}, ${id}::uuid, ${wave}, ${taken}, now())
        on conflict (tenant_id, rollout_id, number) do update set size = w.size + excluded.size`,
  );
  await recordAudit(tx, { tenantId, actor: 'system', action: 'rollout.grow', subject: id, details: { devices: taken, wave } });
  return taken;
}
