import { type DeviceAddress, isLaterVersion, type TargetStatus, type TargetVersion } from '@towline/protocol';
import type pg from 'pg';

/** What a device says of its target. */
export interface TargetHeld {
  readonly address: DeviceAddress;
  readonly held: TargetVersion | null;
  /** Null in a hello, and while the device has none. */
  readonly status: TargetStatus | null;
}

export interface TargetNews {
  /** Devices that hold less than their target: it must be sent (again). */
  readonly lacking: DeviceAddress[];
  /** Targets whose standing changed. */
  readonly changed: DeviceAddress[];
}

interface TargetStanding extends DeviceAddress {
  readonly epoch: number;
  readonly number: number;
  readonly digest: string;
  readonly held: boolean;
  readonly status: string | null;
}

const selectSql = `select t.tenant_id as tenant, t.device_id as device, t.epoch, t.number, t.digest, t.held_at is not null as held, t.status
   from unnest($1::text[], $2::text[]) as w (tenant, device)
   join target t on t.tenant_id = w.tenant and t.device_id = w.device
  order by t.device_id for update of t`;

const updateSql = `update target t set held_at = coalesce(t.held_at, now()), status = coalesce(s.status, t.status),
       status_at = case when s.status is not null and s.status is distinct from t.status then now() else t.status_at end
  from unnest($1::text[], $2::text[], $3::text[]) as s (tenant, device, status)
 where t.tenant_id = s.tenant and t.device_id = s.device`;

/** What a device's word changes in its target; null when nothing. A status of another version or document is none of it. */
function standingAfter(target: TargetStanding, { held, status }: TargetHeld): { status: string | null } | null {
  if (held?.epoch !== target.epoch || held.number !== target.number) return null;
  const ofThis = status?.version.epoch === target.epoch && status.version.number === target.number && status.digest === target.digest;
  const next = ofThis ? status.status : null;
  const changes = !target.held || (next !== null && next !== target.status);
  return changes ? { status: next } : null;
}

/** Notes what devices hold. @param words at most one a device */
export async function noteTargets(client: pg.ClientBase, words: readonly TargetHeld[]): Promise<TargetNews> {
  if (words.length === 0) return { lacking: [], changed: [] };
  const tenants = words.map(({ address }) => address.tenant);
  const devices = words.map(({ address }) => address.device);
  const { rows } = await client.query<TargetStanding>(selectSql, [tenants, devices]);
  const heldBy = new Map(words.map((word) => [word.address.device, word]));
  const pairs = rows.flatMap((target) => {
    const word = heldBy.get(target.device);
    return word ? [{ target, word }] : [];
  });
  const lacking = pairs.filter(({ target, word }) => isLaterVersion(target, word.held)).map(({ word }) => word.address);
  const changes = pairs.flatMap(({ target, word }) => {
    const after = standingAfter(target, word);
    return after ? [{ address: word.address, status: after.status }] : [];
  });
  if (changes.length > 0) {
    await client.query(updateSql, [
      changes.map(({ address }) => address.tenant),
      changes.map(({ address }) => address.device),
      changes.map(({ status }) => status),
    ]);
  }
  return { lacking, changed: changes.map(({ address }) => address) };
}
