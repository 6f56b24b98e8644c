import type pg from 'pg';
import type { EventRow } from './batch-draft.ts';
import type { BadMessage } from './read-message.ts';

const insertEventsSql = `insert into event (tenant_id, device_id, code, severity, modem, evidence, at, device_time, clock, received_at)
  select e.tenant, e.device, e.code, e.severity, e.modem, e.evidence,
         to_timestamp(e.at / 1000), to_timestamp(e.device_time / 1000), e.clock, to_timestamp(e.received_at / 1000)
    from json_to_recordset($1::json) as e (tenant text, device text, code text, severity text, modem text, evidence text[],
         at float8, device_time float8, clock text, received_at float8)
  returning id`;

/** @returns ids of the events, in their order. */
export async function insertEvents(client: pg.ClientBase, events: readonly EventRow[]): Promise<string[]> {
  if (events.length === 0) return [];
  const said = events.map(({ address, deviceTime, receivedAt, ...event }) => ({
    ...event,
    ...address,
    device_time: deviceTime,
    received_at: receivedAt,
  }));
  // Planned once a connection, as only what reads no table that grows may be: a plan made while it was empty would walk it ever after.
  const { rows } = await client.query<{ id: string }>({ name: 'events-insert', text: insertEventsSql, values: [JSON.stringify(said)] });
  return rows.map(({ id }) => id);
}

/** Keeps what no handler could take, with the reason. */
export async function insertQuarantine(client: pg.ClientBase, messages: readonly BadMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await client.query(
    `insert into quarantine (tenant_id, device_id, topic, payload, code, reason, received_at)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[],
                          (select array_agg(to_timestamp(ms / 1000)) from unnest($7::float8[]) as ms))`,
    [
      messages.map(({ address }) => address.tenant),
      messages.map(({ address }) => address.device),
      messages.map(({ address, channel }) => `towline/v1/${address.tenant}/${address.device}/up/${channel}`),
      messages.map(({ payload }) => Buffer.from(payload)),
      messages.map(({ code }) => code),
      messages.map(({ reason }) => reason),
      messages.map(({ receivedAt }) => receivedAt),
    ],
  );
}
