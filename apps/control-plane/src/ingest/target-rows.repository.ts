import type { DeviceAddress, TargetVersion } from '@towline/protocol';
import type pg from 'pg';
import { parseSealedTarget } from '../targets/sealed-target.ts';
import type { AnnounceAnswer } from './answer-announces.ts';
import { deviceKey } from './batch-draft.ts';
import type { AnnouncedTarget } from './judge-announce.ts';
import type { Standing } from './judge-words.ts';

/** The target of a device as it is now, locked until the transaction ends. */
export interface TargetRow extends DeviceAddress, TargetVersion, AnnouncedTarget {
  readonly held: boolean;
  readonly status: string | null;
  readonly detail: unknown;
}

/** Whose target is wanted. */
export interface WantedTarget {
  readonly address: DeviceAddress;
  /** It announces a change: what the target asks for is wanted too. */
  readonly announces: boolean;
}

type StoredTarget = Omit<TargetRow, 'rules'> & { readonly document: unknown };

// Always in this order: two edges that take over from each other must not wait for each other's rows.
const lockSql = `select t.tenant_id as tenant, t.device_id as device, t.epoch, t.number, t.digest, t.held_at is not null as held, t.status,
       t.status_detail as detail, t.change, t.confirmed_at is not null as confirmed, case when w.announces then t.document end as document
  from unnest($1::text[], $2::text[], $3::bool[]) as w (tenant, device, announces)
  join target t on t.tenant_id = w.tenant and t.device_id = w.device
 order by t.device_id for update of t`;

/** By device. @param wanted each device once */
export async function lockTargets(client: pg.ClientBase, wanted: readonly WantedTarget[]): Promise<Map<string, TargetRow>> {
  if (wanted.length === 0) return new Map();
  const { rows } = await client.query<StoredTarget>(lockSql, [...columnsOf(wanted), wanted.map(({ announces }) => announces)]);
  return new Map(rows.map(({ document, ...row }) => [deviceKey(row), { ...row, rules: rulesOf(document) }]));
}

const rulesOf = (document: unknown) => (document === null ? null : (parseSealedTarget(document)?.rules ?? null));

const standingsSql = `update target t set
       held_at = case when s.status is distinct from 'overtaken' then coalesce(t.held_at, now()) end,
       withheld = t.withheld and s.status is not distinct from 'overtaken',
       reached_at = coalesce(t.reached_at, case when s.status = 'applied' and (t.change is null or t.confirmed_at is not null) then now() end),
       status = coalesce(s.status, t.status),
       status_at = case when s.status is not null and s.status is distinct from t.status then now() else t.status_at end,
       status_detail = case when s.status is null then t.status_detail else s.detail::jsonb end
  from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as s (tenant, device, status, detail)
 where t.tenant_id = s.tenant and t.device_id = s.device`;

export async function saveStandings(client: pg.ClientBase, standings: readonly Standing[]): Promise<void> {
  if (standings.length === 0) return;
  const said = [standings.map(({ status }) => status), standings.map(({ detail }) => detail)];
  await client.query(standingsSql, [...columnsOf(standings), ...said]);
}

// A change that waits for its yes takes no place of one that has it: of two modems the first may be done.
const answersSql = `update target t set change = a.transaction, change_nonce = a.nonce,
       announced_at = case when t.change = a.transaction then t.announced_at else now() end,
       confirmed_at = case when not a.confirmed then null when t.change = a.transaction then coalesce(t.confirmed_at, now()) else now() end
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[]) as a (tenant, device, transaction, nonce, confirmed)
 where t.tenant_id = a.tenant and t.device_id = a.device and (a.confirmed or t.confirmed_at is null)`;

/** What was said yes to, and what waits for its yes and did not before. The first yes keeps its time. */
export async function saveAnswers(client: pg.ClientBase, answers: readonly AnnounceAnswer[]): Promise<void> {
  const noted = answers.filter(({ refusal, isNews }) => refusal === null || isNews);
  if (noted.length === 0) return;
  const changes = [noted.map(({ announce }) => announce.transaction), noted.map(({ announce }) => announce.nonce)];
  await client.query(answersSql, [...columnsOf(noted), ...changes, noted.map(({ refusal }) => refusal === null)]);
}

const columnsOf = (rows: readonly { readonly address: DeviceAddress }[]) => [
  rows.map(({ address }) => address.tenant),
  rows.map(({ address }) => address.device),
];
