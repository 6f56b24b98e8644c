import { type RolloutWindows, rolloutSettingsSchema } from '@towline/protocol/http';
import * as z from 'zod';
import type { Database } from '../../platform/database.ts';
import { renderSql, sql } from '../../platform/sql.ts';
import { effectiveZoneColumn } from '../../zones/effective-zone.ts';
import { openingOf } from './opening-of.ts';
import { shownVerdict } from './shown-verdict.ts';

const headSchema = z.object({ settings: rolloutSettingsSchema, now: z.date() });
const zoneSchema = z.object({ zone: z.string(), devices: z.int() });
/** More zones than there are. */
const maxZones = 700;

/** What the schedule of a rollout means to the devices that are still to be changed, by the database's clock. Null: no such rollout. */
export async function readRolloutWindows({ pool }: Pick<Database, 'pool'>, tenantId: string, id: string): Promise<RolloutWindows | null> {
  const { rows } = await pool.query('select settings, now() from rollout where tenant_id = $1 and id = $2', [tenantId, id]);
  if (rows.length === 0) return null;
  const { settings, now } = headSchema.parse(rows[0]);
  const yetToCome = (state: 'pending' | 'waiting') =>
    sql`select tenant_id, device_id from rollout_device where tenant_id = ${tenantId} and rollout_id = ${id}::uuid and state = ${state}`;
  const query = sql`select ${effectiveZoneColumn} as zone, count(*)::int as devices
      from (${yetToCome('pending')} union all ${yetToCome('waiting')}) m join device d on d.tenant_id = m.tenant_id and d.id = m.device_id
     group by 1 order by 2 desc, 1 limit ${maxZones}`;
  const zones = z.array(zoneSchema).parse((await pool.query(renderSql(query))).rows);
  const needSeconds = settings.timeouts.answerS;
  const verdictOf = (zone: string) => openingOf({ schedule: settings.schedule, zone, needSeconds }, now.getTime());
  return { now: now.toISOString(), needS: needSeconds, zones: zones.map((one) => ({ ...one, ...shownVerdict(verdictOf(one.zone)) })) };
}
