import { Fault, faultCode } from '@towline/kit';
import type { Confirm, JobDown, TargetDown } from '@towline/protocol';
import { channels } from '@towline/protocol';
import * as z from 'zod';
import type { SqlClient } from '../platform/database.ts';
import type { Sealer } from '../platform/sealer.ts';
import { openTarget } from '../targets/sealed-target.ts';
import type { DownNote } from './outbox.repository.ts';

type DownMessage = TargetDown | JobDown | Confirm;

/** What a note comes to: a message, null where there is nothing to be said any more, or the code of why its row cannot be read. */
export type DownReading = { readonly ok: true; readonly message: DownMessage | null } | { readonly ok: false; readonly code: string };

/** Of `target t` or `job j`: somebody is at work at the device's site. */
const onHold = (row: 't' | 'j') => `exists (
  select 1 from device d join site_hold h on h.tenant_id = d.tenant_id and h.site_id = d.site_id
   where d.tenant_id = ${row}.tenant_id and d.id = ${row}.device_id and (h.expires_at is null or h.expires_at > now()))`;

/** One row for each note that something is to be said of; `place` is the note's, from 0. */
const wanted = `unnest($1::text[], $2::text[], $3::text[]) with ordinality as w (tenant, device, subject, place)`;

/** The target of a device as it is now; none while it is withheld or the site is on hold. */
const targetsSql = `select w.place::int4 - 1 as place, t.epoch, t.number, t.digest, t.document from ${wanted}
    join target t on t.tenant_id = w.tenant and t.device_id = w.device
   where not t.withheld and not ${onHold('t')}`;

/** Jobs that are open: a device says again what became of one that it took. None whose time is up, nor while the site is on hold and it was not forced. */
const jobsSql = `select w.place::int4 - 1 as place, j.id, j."order", j.cancel_requested as cancel,
         ceil(extract(epoch from j.expires_at - now()))::int as "ttlS" from ${wanted}
    join job j on j.tenant_id = w.tenant and j.device_id = w.device and j.id = w.subject::uuid
   where j.state in ('queued', 'accepted', 'running') and (j.cancel_requested or j.forced or not ${onHold('j')})`;

/** The yes to changes; none where the target has been replaced since, or another change of it was announced. */
const confirmsSql = `select w.place::int4 - 1 as place, t.change as transaction, t.change_nonce as nonce, t.digest from ${wanted}
    join target t on t.tenant_id = w.tenant and t.device_id = w.device
   where t.change = w.subject and t.confirmed_at is not null`;

const placeSchema = z.object({ place: z.int() });
const targetRowSchema = z.object({ epoch: z.int(), number: z.int(), digest: z.string(), document: z.unknown() });
const jobRowSchema = z.object({ id: z.uuid(), order: z.unknown(), cancel: z.boolean(), ttlS: z.int() });

function targetOf(row: unknown, sealer: Sealer): TargetDown {
  const { epoch, number, digest, document } = targetRowSchema.parse(row);
  return { version: { epoch, number }, digest, document: openTarget(document, sealer) };
}

function jobOf(row: unknown): JobDown | null {
  const { id, order, cancel, ttlS } = jobRowSchema.parse(row);
  if (cancel) return { action: 'cancel', id };
  if (ttlS < 1) return null;
  return channels.down.job.schema.parse({ action: 'start', id, ttlS, order });
}

const kinds = {
  target: { text: targetsSql, messageOf: targetOf },
  job: { text: jobsSql, messageOf: jobOf },
  confirm: { text: confirmsSql, messageOf: (row: unknown): Confirm => channels.down.confirm.schema.parse(row) },
} as const;

/** What the row itself holds can be wrong: sealed with another key, or of no shape we know. Everything else is the database's. */
function readingOf(read: () => DownMessage | null): DownReading {
  try {
    return { ok: true, message: read() };
  } catch (error) {
    if (error instanceof Fault || error instanceof z.ZodError) return { ok: false, code: faultCode(error) };
    throw error;
  }
}

/**
 * What is to be said by these notes, in their order; as things are now, each channel in one statement. A row that cannot be read for itself holds
 * up no other.
 */
export async function readDown(client: SqlClient, notes: readonly DownNote[], sealer: Sealer): Promise<DownReading[]> {
  const readings = notes.map((): DownReading => ({ ok: true, message: null }));
  for (const channel of ['target', 'job', 'confirm'] as const) {
    const { text, messageOf } = kinds[channel];
    const places = notes.flatMap((note, place) => (note.channel === channel ? [{ note, place }] : []));
    if (places.length === 0) continue;
    const { rows } = await client.query(text, [
      places.map(({ note }) => note.tenantId),
      places.map(({ note }) => note.deviceId),
      places.map(({ note }) => note.subject),
    ]);
    for (const row of rows) {
      const at = places[placeSchema.parse(row).place]?.place;
      if (at !== undefined) readings[at] = readingOf(() => messageOf(row, sealer));
    }
  }
  return readings;
}
