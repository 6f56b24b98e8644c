import { type RolloutProgress, rolloutCauseSchema, rolloutDeviceStateSchema, rolloutStateSchema } from '@towline/protocol/http';
import * as z from 'zod';
import type { Database } from '../../platform/database.ts';
import { foldProgress } from './fold-progress.ts';

const moment = z.coerce.date().transform((time) => time.toISOString());

const rowSchema = z.object({
  rollout: z.uuid(),
  state: rolloutStateSchema,
  reason: z.string().nullable(),
  obstacle: z.string().nullable(),
  currentWave: z.int(),
  startedAt: moment.nullable(),
  endedAt: moment.nullable(),
  waves: z.array(z.object({ number: z.int(), size: z.int(), manual: z.boolean(), openedAt: moment.nullable() })),
  counts: z.array(z.object({ wave: z.int(), state: rolloutDeviceStateSchema, devices: z.int() })),
  causes: z.array(rolloutCauseSchema.omit({ link: true })),
});

/** One statement, so that all of it is of one moment. */
const progressSql = `
  select r.id as rollout, r.state, r.reason, r.obstacle, r.current_wave as "currentWave", r.started_at as "startedAt", r.ended_at as "endedAt",
    (select coalesce(jsonb_agg(jsonb_build_object('number', w.number, 'size', w.size, 'manual', w.manual, 'openedAt', w.opened_at) order by w.number), '[]')
       from rollout_wave w where w.tenant_id = r.tenant_id and w.rollout_id = r.id) as waves,
    (select coalesce(jsonb_agg(jsonb_build_object('wave', c.wave, 'state', c.state, 'devices', c.devices)), '[]')
       from rollout_count c where c.tenant_id = r.tenant_id and c.rollout_id = r.id) as counts,
    (select coalesce(jsonb_agg(jsonb_build_object('state', g.state, 'code', g.code, 'devices', g.devices) order by g.devices desc, g.state, g.code), '[]')
       from (select d.state, d.code, count(*) as devices from rollout_device d
              where d.tenant_id = r.tenant_id and d.rollout_id = r.id and d.code is not null
                and d.state in ('failed', 'reverted', 'silent', 'waiting', 'skipped')
              group by 1, 2 order by 3 desc, 1, 2 limit 50) g) as causes
    from rollout r where r.tenant_id = $1 and r.id = $2`;

export class ProgressRepository {
  readonly #database: Pick<Database, 'pool'>;

  constructor(database: Pick<Database, 'pool'>) {
    this.#database = database;
  }

  /** Null when there is no such rollout. */
  async read(tenantId: string, id: string): Promise<RolloutProgress | null> {
    const { rows } = await this.#database.pool.query(progressSql, [tenantId, id]);
    return rows.length === 0 ? null : foldProgress(rowSchema.parse(rows[0]));
  }
}
