import { canonicalJson, type DeviceAddress, isLaterVersion, type TargetStatus, type TargetVersion } from '@towline/protocol';
import type pg from 'pg';

/** What a device says of its target. */
export interface TargetHeld {
  readonly address: DeviceAddress;
  readonly held: TargetVersion | null;
  /** Of the document that it holds, where it says so: another one under the same number is not the target. */
  readonly digest?: string;
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
  readonly detail: unknown;
}

/** What a device's word makes of its target; without a status it only says that it holds it. */
interface NextStanding {
  readonly status: string | null;
  readonly detail: string | null;
}

/** No version that we gave out comes near it: whoever says more would have us count beyond what a column holds. */
const mostBelieved = 1_000_000_000;

/** What the device holds and this database never gave it: a later one, or another document under the same number. */
function overtaking(target: TargetStanding, { held, status }: TargetHeld): TargetVersion | null {
  if (!held || held.epoch > mostBelieved || held.number > mostBelieved) return null;
  const isOther = status !== null && isSameVersion(status.version, target) && status.digest !== target.digest;
  return isLaterVersion(held, target) || (isOther && isSameVersion(held, target)) ? { epoch: held.epoch, number: held.number } : null;
}

/** Why the target is not applied, and the change under way or waiting for its next try; null when the device says none of it. */
function detailOf({ fault = null, change = null, pause }: TargetStatus): object | null {
  return fault || change || pause ? { fault, change, ...(pause ? { pause } : {}) } : null;
}

const selectSql = `select t.tenant_id as tenant, t.device_id as device, t.epoch, t.number, t.digest, t.held_at is not null as held, t.status,
       t.status_detail as detail
   from unnest($1::text[], $2::text[]) as w (tenant, device)
   join target t on t.tenant_id = w.tenant and t.device_id = w.device
  order by t.device_id for update of t`;

const updateSql = `update target t set held_at = case when s.status is distinct from 'overtaken' then coalesce(t.held_at, now()) end,
       status = coalesce(s.status, t.status),
       status_at = case when s.status is not null and s.status is distinct from t.status then now() else t.status_at end,
       status_detail = case when s.status is null then t.status_detail else s.detail::jsonb end
  from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as s (tenant, device, status, detail)
 where t.tenant_id = s.tenant and t.device_id = s.device`;

const isSameVersion = (left: TargetVersion, right: TargetVersion): boolean => left.epoch === right.epoch && left.number === right.number;

function standsApart({ status, detail }: TargetStanding, overtakenBy: TargetVersion): NextStanding | null {
  const isKnown = status === 'overtaken' && canonicalJson(detail) === canonicalJson({ overtakenBy });
  return isKnown ? null : { status: 'overtaken', detail: JSON.stringify({ overtakenBy }) };
}

/** What a device's word changes in its target; null when nothing. A status of another version or document is none of it. */
function standingAfter(target: TargetStanding, word: TargetHeld): NextStanding | null {
  const { held, digest, status } = word;
  const overtakenBy = overtaking(target, word);
  if (overtakenBy) return standsApart(target, overtakenBy);
  if (!held || !isSameVersion(held, target)) return null;
  if (digest !== undefined && digest !== target.digest) return null;
  const ofThis = status !== null && isSameVersion(status.version, target) && status.digest === target.digest;
  if (!ofThis) return target.held ? null : { status: null, detail: null };
  const detail = detailOf(status);
  const changes = !target.held || status.status !== target.status || canonicalJson(detail) !== canonicalJson(target.detail);
  return changes ? { status: status.status, detail: detail && JSON.stringify(detail) } : null;
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
    return after ? [{ address: word.address, ...after }] : [];
  });
  if (changes.length > 0) {
    await client.query(updateSql, [
      changes.map(({ address }) => address.tenant),
      changes.map(({ address }) => address.device),
      changes.map(({ status }) => status),
      changes.map(({ detail }) => detail),
    ]);
  }
  return { lacking, changed: changes.map(({ address }) => address) };
}
