import type { DeviceAddress } from '@towline/protocol';
import type pg from 'pg';
import type { FreshState, Heard } from './batch-draft.ts';
import { summariseDevice } from './device-summary.ts';
import { type FingerprintMemory, fingerprintSchema } from './fingerprint.ts';
import type { PresenceState } from './presence.ts';

/**
 * Whose state was taken; others were older than what the device had said before.
 * @param isTouched whether the device's last-seen time is written too: without it, most states touch no index of the device
 */
export async function applyStates(
  client: pg.ClientBase,
  states: readonly FreshState[],
  isTouched: (address: DeviceAddress) => boolean,
): Promise<DeviceAddress[]> {
  if (states.length === 0) return [];
  const rows = states.map((state) => ({ ...stateRow(state), seen_at: isTouched(state.address) ? state.receivedAt : null }));
  return (await client.query<DeviceAddress>(applyStatesSql, [JSON.stringify(rows)])).rows;
}

function stateRow({ address, report, receivedAt, streamCreatedAt }: FreshState) {
  const { epoch, sequence, held, target, uptimeS, uplinks, modems } = report;
  return {
    ...address,
    ...summariseDevice(report),
    epoch,
    sequence,
    reported: { held, target, uptimeS, uplinks, modems },
    received_at: receivedAt,
    stream_created_at: streamCreatedAt,
  };
}

/** A step that is worth a write of its own. Fading alone moves a signal by less all the time: that waits until the last-seen time is written too. */
const signalStepDb = 6;

/** Within a stream the higher sequence wins; of two streams that which the device greeted with later. */
const applyStatesSql = `
  update device d set
    reported = s.reported, reported_at = to_timestamp(s.received_at / 1000), reported_epoch = s.epoch, reported_sequence = s.sequence,
    model = s.model, imei = s.imei, iccid = s.iccid, imsi = s.imsi, home_plmn = s."homePlmn", serving_plmn = s."servingPlmn",
    registration = s.registration, connection_state = s."connectionState", apn = s.apn, fault_code = s."faultCode",
    signal_dbm = case when s.seen_at is null and abs(s."signalDbm" - d.signal_dbm) < ${signalStepDb} then d.signal_dbm
                      else coalesce(s."signalDbm", d.signal_dbm) end,
    last_seen_at = greatest(d.last_seen_at, to_timestamp(s.seen_at / 1000))
  from jsonb_to_recordset($1::jsonb) as s (tenant text, device text, epoch text, sequence bigint, reported jsonb, received_at float8,
    seen_at float8, stream_created_at float8, model text, imei text, iccid text, imsi text, "homePlmn" text, "servingPlmn" text, registration text,
    "connectionState" text, apn text, "faultCode" text, "signalDbm" real)
  where d.tenant_id = s.tenant and d.id = s.device and (
    d.reported_epoch is null
    or (d.reported_epoch = s.epoch and d.reported_sequence < s.sequence)
    or (d.reported_epoch <> s.epoch and s.stream_created_at > coalesce((
          select extract(epoch from r.created_at)::float8 * 1000 from report_stream r
           where r.tenant_id = d.tenant_id and r.device_id = d.id and r.epoch = d.reported_epoch), 0)))
  returning d.tenant_id as tenant, d.id as device`;

/** When devices were last heard and how strongly. Not every message of a chatty device is worth a new row version. */
export async function touchDevices(client: pg.ClientBase, heard: readonly Heard[]): Promise<void> {
  if (heard.length === 0) return;
  await client.query(
    `update device d set last_seen_at = greatest(d.last_seen_at, to_timestamp(h.ms / 1000)), signal_dbm = coalesce(h.signal, d.signal_dbm)
       from unnest($1::text[], $2::text[], $3::float8[], $4::real[]) as h (tenant, device, ms, signal)
      where d.tenant_id = h.tenant and d.id = h.device`,
    [
      heard.map(({ address }) => address.tenant),
      heard.map(({ address }) => address.device),
      heard.map(({ receivedAt }) => receivedAt),
      heard.map(({ signalDbm }) => signalDbm),
    ],
  );
}

/** What a hello or a presence message changes. */
export interface SessionRow extends PresenceState {
  readonly address: DeviceAddress;
  readonly agentVersion: string | null;
  readonly fingerprint: FingerprintMemory;
  readonly cloneSuspected: boolean;
}

interface StoredSession {
  readonly tenant: string;
  readonly device: string;
  readonly online: boolean;
  readonly connection: string;
  readonly boot: string | null;
  readonly agentVersion: string | null;
  readonly fingerprint: unknown;
  readonly before: unknown;
}

/** Locks the devices that greeted or left; in the order of their ids. */
export async function lockSessions(client: pg.ClientBase, addresses: readonly DeviceAddress[]): Promise<SessionRow[]> {
  if (addresses.length === 0) return [];
  const { rows } = await client.query<StoredSession>(
    `select d.tenant_id as tenant, d.id as device, online, connection, boot_id as boot, agent_version as "agentVersion", fingerprint,
            fingerprint_before as before
       from unnest($1::text[], $2::text[]) as w (tenant, device)
       join device d on d.tenant_id = w.tenant and d.id = w.device
      order by d.id for update of d`,
    [addresses.map(({ tenant }) => tenant), addresses.map(({ device }) => device)],
  );
  return rows.map(({ tenant, device, fingerprint, before, connection, ...session }) => ({
    ...session,
    address: { tenant, device },
    connection: Number(connection),
    fingerprint: {
      current: fingerprintSchema.safeParse(fingerprint).data ?? null,
      before: fingerprintSchema.safeParse(before).data ?? null,
    },
    cloneSuspected: false,
  }));
}

export async function saveSessions(client: pg.ClientBase, sessions: readonly SessionRow[], receivedAt: number): Promise<void> {
  if (sessions.length === 0) return;
  const rows = sessions.map(({ address, fingerprint, ...session }) => ({ ...session, ...address, ...fingerprint }));
  await client.query(
    `update device d set online = s.online, connection = s.connection, boot_id = s.boot, agent_version = s."agentVersion",
            fingerprint = s.current, fingerprint_before = s.before, last_seen_at = greatest(d.last_seen_at, to_timestamp($2 / 1000.0)),
            clone_suspected_at = case when s."cloneSuspected" then now() else d.clone_suspected_at end
       from jsonb_to_recordset($1::jsonb) as s (tenant text, device text, online boolean, connection bigint, boot text,
            "agentVersion" text, current jsonb, before jsonb, "cloneSuspected" boolean)
      where d.tenant_id = s.tenant and d.id = s.device`,
    [JSON.stringify(rows), receivedAt],
  );
}
