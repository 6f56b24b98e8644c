import { rolloutDeviceStateSchema } from '@towline/protocol/http';
import * as z from 'zod';
import { compiled } from '../../platform/compiled.ts';
import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { siteOnHold } from '../../sites/on-hold.ts';
import { effectiveZoneColumn } from '../../zones/effective-zone.ts';
import { noCounts } from '../decide/counts.ts';
import type { Flight, Slowness, WaveView } from '../decide/view.ts';
import { isLive, type LiveRollout, readManyRows, readRows } from '../live-rollout.repository.ts';

const wavesSchema = z.object({
  number: z.int(),
  size: z.int(),
  manual: z.boolean(),
  forgivenBad: z.int(),
  forgivenJudged: z.int(),
  retrying: z.int(),
});
const countSchema = z.object({ wave: z.int(), state: rolloutDeviceStateSchema, devices: z.int() });

export interface SizedWave extends WaveView {
  readonly size: number;
}

/** The waves of a rollout with their counts: a few rows each, whatever the size of the fleet. */
export async function readWaves(tx: Transaction, { tenantId, id }: { tenantId: string; id: string }): Promise<SizedWave[]> {
  const waves = await readRows(
    tx,
    wavesSchema,
    sql`select w.number, w.size, w.manual, w.forgiven_bad as "forgivenBad", w.forgiven_judged as "forgivenJudged", coalesce(t.retrying, 0)::int as retrying
          from rollout_wave w left join (
            select wave, count(*) as retrying from rollout_device
             where tenant_id = ${tenantId} and rollout_id = ${id}::uuid and next_try_at is not null group by wave) t on t.wave = w.number
         where w.tenant_id = ${tenantId} and w.rollout_id = ${id}::uuid order by w.number`,
  );
  const counts = await readRows(
    tx,
    countSchema,
    sql`select wave, state, devices from rollout_count where tenant_id = ${tenantId} and rollout_id = ${id}::uuid`,
  );
  return waves.map(({ number, size, manual, retrying, forgivenBad, forgivenJudged }) => {
    const own = { ...noCounts };
    for (const { wave, state, devices } of counts) if (wave === number) own[state] = devices;
    return { number, size, manual, retrying, counts: own, forgiven: { bad: forgivenBad, judged: forgivenJudged } };
  });
}

const sharedSchema = z.object({
  site: z.string().nullable(),
  carrier: z.string().nullable(),
  cell: z.string().nullable(),
  model: z.string().nullable(),
  devices: z.int(),
});

export const nobodyInFlight: Flight = { rollout: 0, site: new Map(), carrier: new Map(), cell: new Map(), model: new Map() };

/** Devices of the tenant that are on their way, by what they share; read only where a cap asks for it. */
export async function readFlight(tx: Transaction, { tenantId, settings }: LiveRollout): Promise<Flight> {
  const { perSite, perCarrier, perCell, perModel } = settings.caps;
  if ([perSite, perCarrier, perCell, perModel].every((cap) => cap === undefined)) return nobodyInFlight;
  const rows = await readRows(
    tx,
    sharedSchema,
    sql`select site_id::text as site, carrier, cell, model, count(*)::int as devices from rollout_device
         where tenant_id = ${tenantId} and state in ('opened', 'changing') group by 1, 2, 3, 4`,
  );
  const sum = (kind: 'site' | 'carrier' | 'cell' | 'model') => {
    const counts = new Map<string, number>();
    for (const row of rows) {
      const name = row[kind];
      if (name !== null) counts.set(name, (counts.get(name) ?? 0) + row.devices);
    }
    return counts;
  };
  return { rollout: 0, site: sum('site'), carrier: sum('carrier'), cell: sum('cell'), model: sum('model') };
}

const sampleSize = 200;
const minimumSample = 20;
const sampleMs = 120_000;

const agesSchema = z.object({ p95: z.number().nullable(), devices: z.int() });

/** @param boundMs devices opened more recently say nothing yet */
async function ages(tx: Transaction, rollout: LiveRollout, sample: { age: Sql; boundMs: number; condition: Sql }): Promise<number | null> {
  const { tenantId, id, nowMs } = rollout;
  const [found] = await readRows(
    tx,
    agesSchema,
    sql`select percentile_cont(0.95) within group (order by age)::float8 as p95, count(*)::int as devices from (
          select extract(epoch from ${sample.age}) * 1000 as age from rollout_device
           where tenant_id = ${tenantId} and rollout_id = ${id}::uuid and ${sample.condition}
             and opened_at > to_timestamp(${nowMs - sample.boundMs - sampleMs}::float8 / 1000) and opened_at <= to_timestamp(${nowMs - sample.boundMs}::float8 / 1000)
           order by opened_at desc limit ${sampleSize}) recent`,
  );
  return found && found.devices >= minimumSample ? found.p95 : null;
}

/** How slow our own side is, as devices opened a short while ago tell. */
export async function readSlowness(tx: Transaction, rollout: LiveRollout): Promise<Slowness> {
  const { deliveryS, confirmS } = rollout.settings.brake;
  // Who acknowledged late, but longer ago than a delivery may take, says that it was slow: the brake is for while it is.
  const isOver = sql`held_at < now() - ${deliveryS}::float8 * interval '1 second'`;
  const age = sql`case when ${isOver} then interval '0' else coalesce(held_at, now()) - opened_at end`;
  // Who was away when it was written to owes no haste.
  const condition = sql`attempt > 0 and code is distinct from 'device.offline'`;
  const delivery = { age, boundMs: deliveryS * 1000, condition };
  const confirm = {
    age: sql`changed_at - held_at`,
    boundMs: (confirmS ?? 0) * 1000,
    condition: sql`state = 'succeeded' and held_at is not null`,
  };
  return {
    deliveryMs: await ages(tx, rollout, delivery),
    confirmMs: confirmS === undefined ? null : await ages(tx, rollout, confirm),
  };
}

const momentSchema = z.object({ nowMs: z.number(), hearing: z.boolean(), databaseEpoch: z.int() });
export type Moment = z.infer<typeof momentSchema>;

/** The time by the database's clock, whether an edge is there that hears what devices say, and which life of the database this is. */
export async function readMoment(tx: Transaction): Promise<Moment> {
  const rows = await tx.$queryRaw`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs", database_epoch as "databaseEpoch",
           exists (select 1 from lease where name = 'edge' and expires_at > clock_timestamp()) as hearing from installation`;
  return z.tuple([momentSchema]).parse(rows)[0];
}

const candidateSchema = compiled(
  z.object({
    device: z.string(),
    wave: z.int(),
    place: z.int(),
    state: rolloutDeviceStateSchema,
    attempt: z.int(),
    online: z.boolean(),
    onHold: z.boolean(),
    preceded: z.boolean(),
    forgiven: z.boolean(),
    zone: z.string(),
    site: z.string().nullable(),
    carrier: z.string().nullable(),
    cell: z.string().nullable(),
    model: z.string().nullable(),
  }),
);
export type CandidateRow = z.infer<typeof candidateSchema>;

/** Of `rollout f` and `rollout r`: where both want a device, `f` goes first. */
export const goesFirst = sql`(f.priority > r.priority or (f.priority = r.priority and (f.created_at, f.id) < (r.created_at, r.id)))`;

/**
 * Of `member m` of `rollout r`: others that have the device on its way, or come before `r` and have it yet to bring to an end. From the few that
 * live to the device, and not from all that it was ever in.
 */
export const precedingRollouts = sql`
  select f.id from rollout f join rollout_device o on o.tenant_id = f.tenant_id and o.rollout_id = f.id and o.device_id = m.device_id
   where f.tenant_id = m.tenant_id and f.id <> m.rollout_id and ${isLive}
     and (o.state in ('opened', 'changing') or (f.state in ('running', 'paused') and (o.state in ('pending', 'waiting') or o.next_try_at is not null)
          and ${goesFirst}))`;

/** Of `member m`: who could be opened, as it is now. The cell is read from the whole report, so only where a cap asks for it. */
function candidates(tx: Transaction, { tenantId, id, settings }: LiveRollout, members: Sql): Promise<CandidateRow[]> {
  const cell =
    settings.caps.perCell === undefined
      ? sql`null::text`
      : sql`d.serving_plmn || '/' || coalesce(d.reported #>> '{modems,0,registration,area}', '') || '/' || (d.reported #>> '{modems,0,registration,cell}')`;
  return readManyRows(
    tx,
    candidateSchema,
    sql`select m.device_id as device, m.wave, m.place, m.state, m.attempt, d.online, ${siteOnHold} as "onHold", exists (${precedingRollouts}) as preceded,
               (m.next_try_at is not null and coalesce(m.changed_at <= r.forgiven_at, false)) as forgiven,
               ${effectiveZoneColumn} as zone, d.site_id::text as site, coalesce(d.serving_plmn, d.home_plmn) as carrier, ${cell} as cell, d.model
          from (${members}) m join device d on d.tenant_id = m.tenant_id and d.id = m.device_id
          join rollout r on r.tenant_id = ${tenantId} and r.id = ${id}::uuid order by m.place`,
  );
}

const memberColumns = sql`tenant_id, rollout_id, device_id, wave, place, state, attempt, next_try_at, changed_at`;

/** Pending devices up to a place, from where the last look ended. */
export function readPending(
  tx: Transaction,
  rollout: LiveRollout,
  { lastPlace, limit }: { lastPlace: number; limit: number },
): Promise<CandidateRow[]> {
  return candidates(
    tx,
    rollout,
    sql`select ${memberColumns} from rollout_device where tenant_id = ${rollout.tenantId} and rollout_id = ${rollout.id}::uuid and state = 'pending'
           and place > ${rollout.pendingAfter} and place <= ${lastPlace} order by place limit ${limit}`,
  );
}

/** Devices that went wrong and whose next try has come. */
export function readRetries(tx: Transaction, rollout: LiveRollout, limit: number): Promise<CandidateRow[]> {
  return candidates(
    tx,
    rollout,
    sql`select ${memberColumns} from rollout_device where tenant_id = ${rollout.tenantId} and rollout_id = ${rollout.id}::uuid
           and next_try_at <= to_timestamp(${rollout.nowMs}::float8 / 1000) order by next_try_at limit ${limit}`,
  );
}

const reachSchema = z.object({ last: z.string().nullable(), looked: z.int() });

/** Devices that wait and could be had now, among so many of those that wait; `next` is where the next look goes on, null: from the start. */
export async function readReturned(
  tx: Transaction,
  rollout: LiveRollout,
  limit: number,
): Promise<{ rows: CandidateRow[]; next: string | null }> {
  const after = rollout.waitingAfter ?? '';
  const waiting = sql`select ${memberColumns} from rollout_device where tenant_id = ${rollout.tenantId} and rollout_id = ${rollout.id}::uuid
     and state = 'waiting' and not watched and device_id > ${after} order by device_id limit ${limit}`;
  const [reach] = await readRows(tx, reachSchema, sql`select max(device_id) as last, count(*)::int as looked from (${waiting}) w`);
  if (!reach || reach.looked === 0) return { rows: [], next: null };
  const rows = await candidates(tx, rollout, waiting);
  return { rows: rows.filter((row) => row.online && !row.onHold && !row.preceded), next: reach.looked < limit ? null : reach.last };
}
