import type pg from 'pg';
import { numbersLiteral, wordsLiteral } from './array-literals.ts';
import { type StreamRow, streamKey, type WantedStream } from './batch-draft.ts';

interface StoredStream {
  /** Which of the wanted streams, from 1. */
  readonly place: number;
  readonly through: string;
  /** Null instead of empty, which nearly all are: the driver's array parser costs more than the rest of the row. */
  readonly ahead: string[] | null;
  readonly createdMs: number;
}

/** Handles and epochs are words, so their arrays need no escaping. */
const columnsOf = (wanted: readonly WantedStream[]) => [
  wordsLiteral(wanted.map(({ address }) => address.tenant)),
  wordsLiteral(wanted.map(({ address }) => address.device)),
  wordsLiteral(wanted.map(({ epoch }) => epoch)),
];

/** In the order of the key, so that two edges (one of them about to learn that it is none any more) can't deadlock. */
async function selectForUpdate(client: pg.ClientBase, wanted: readonly WantedStream[]): Promise<Map<string, StreamRow>> {
  const { rows } = await client.query<StoredStream>({
    name: 'streams-lock',
    text: `select w.place::int4 as place, s.through, nullif(s.ahead, '{}') as ahead,
                  (extract(epoch from s.created_at) * 1000)::float8 as "createdMs"
             from unnest($1::text[], $2::text[], $3::text[]) with ordinality as w (tenant, device, epoch, place)
             join report_stream s on s.tenant_id = w.tenant and s.device_id = w.device and s.epoch = w.epoch
            order by s.tenant_id, s.device_id, s.epoch for update of s`,
    values: columnsOf(wanted),
  });
  const streams = new Map<string, StreamRow>();
  for (const { place, through, ahead, createdMs } of rows) {
    const stream = wanted[place - 1];
    if (!stream) continue;
    const { address, epoch } = stream;
    const progress = { through: Number(through), ahead: ahead?.map(Number) ?? [] };
    streams.set(streamKey(address, epoch), { address, epoch, ...progress, createdAt: createdMs });
  }
  return streams;
}

/** Only of devices that exist in their tenant; streams of earlier lives are forgotten beyond the newest few. */
async function createStreams(client: pg.ClientBase, missing: readonly WantedStream[]): Promise<void> {
  const { rows } = await client.query<{ tenant: string; device: string }>(
    `insert into report_stream (tenant_id, device_id, epoch, through, ahead, created_at)
     select d.tenant_id, d.id, w.epoch, 0, '{}', clock_timestamp()
       from unnest($1::text[], $2::text[], $3::text[]) as w (tenant, device, epoch)
       join device d on d.tenant_id = w.tenant and d.id = w.device
     on conflict do nothing returning tenant_id as tenant, device_id as device`,
    columnsOf(missing),
  );
  if (rows.length === 0) return;
  await client.query(
    `delete from report_stream s using (
       select tenant_id, device_id, epoch,
              row_number() over (partition by tenant_id, device_id order by greatest(updated_at, created_at) desc) as age
         from report_stream where (tenant_id, device_id) in (select * from unnest($1::text[], $2::text[]))) as old
      where s.tenant_id = old.tenant_id and s.device_id = old.device_id and s.epoch = old.epoch and old.age > 8`,
    [rows.map(({ tenant }) => tenant), rows.map(({ device }) => device)],
  );
}

/**
 * The stream that a device greets with is its current one, also when it is an earlier one taken up again: a device whose flash failed
 * may have to go back.
 */
export async function renewStreams(client: pg.ClientBase, greeted: readonly WantedStream[]): Promise<void> {
  if (greeted.length === 0) return;
  await client.query(
    `update report_stream s set created_at = clock_timestamp() from unnest($1::text[], $2::text[], $3::text[]) as w (tenant, device, epoch)
      where s.tenant_id = w.tenant and s.device_id = w.device and s.epoch = w.epoch and exists (
        select from report_stream o where o.tenant_id = s.tenant_id and o.device_id = s.device_id and o.created_at > s.created_at)`,
    columnsOf(greeted),
  );
}

/** The rows of these streams, made where they are new, locked until the transaction ends. Those of unknown devices are missing. */
export async function lockStreams(client: pg.ClientBase, wanted: readonly WantedStream[]): Promise<Map<string, StreamRow>> {
  if (wanted.length === 0) return new Map();
  const known = await selectForUpdate(client, wanted);
  const missing = wanted.filter(({ address, epoch }) => !known.has(streamKey(address, epoch)));
  if (missing.length === 0) return known;
  await createStreams(client, missing);
  return new Map([...known, ...(await selectForUpdate(client, missing))]);
}

/** A stream that moves on, or is only made sure of. */
export interface StreamMove {
  readonly from: StreamRow;
  readonly to: StreamRow;
}

/**
 * Moves streams on, each from where it was believed to be, and as old as it was believed. Where one is not so, or gone, the transaction fails with SQLSTATE 40001
 * and nothing of it stands. Rows that are not locked yet are locked in no certain order: two edges may deadlock, which Postgres ends.
 */
export async function moveStreams(client: pg.ClientBase, moves: readonly StreamMove[]): Promise<void> {
  if (moves.length === 0) return;
  await client.query({
    name: 'streams-move',
    text: `with moved as (
             update report_stream s set through = w.through, ahead = w.ahead::bigint[], updated_at = now()
               from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::bigint[], $6::text[], $7::bigint[], $8::text[])
                      as w (tenant, device, epoch, created, was_through, was_ahead, through, ahead)
              where s.tenant_id = w.tenant and s.device_id = w.device and s.epoch = w.epoch
                and s.created_at = to_timestamp(w.created / 1000) and s.through = w.was_through and s.ahead = w.was_ahead::bigint[]
             returning 1)
           select require_moved((select count(*) from moved), $9)`,
    values: [
      ...columnsOf(moves.map(({ to }) => to)),
      numbersLiteral(moves.map(({ from }) => from.createdAt)),
      ...progressOf(moves.map(({ from }) => from)),
      ...progressOf(moves.map(({ to }) => to)),
      moves.length,
    ],
  });
}

const progressOf = (streams: readonly StreamRow[]) => [
  numbersLiteral(streams.map(({ through }) => through)),
  streams.map(({ ahead }) => numbersLiteral(ahead)),
];
