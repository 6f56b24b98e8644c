import type { Announce, DeviceAddress } from '@towline/protocol';
import type pg from 'pg';
import { enqueueConfirms } from '../outbox/outbox.repository.ts';
import { parseSealedTarget } from '../targets/sealed-target.ts';
import { deviceKey } from './batch-draft.ts';
import { type AnnouncedTarget, type AnnounceRefusal, type AnnounceRefusalCode, refusalOfAnnounce } from './judge-announce.ts';

/** A device's question whether its change may stay. */
export interface AddressedAnnounce {
  readonly address: DeviceAddress;
  readonly announce: Announce;
}

/** What became of a device's question. */
export interface AnnounceAnswer extends AddressedAnnounce {
  /** Null: it was said yes to. */
  readonly refusal: AnnounceRefusal | null;
  /** The target shows something that it did not show before. */
  readonly isNews: boolean;
}

interface TargetRow extends DeviceAddress {
  readonly epoch: number;
  readonly number: number;
  readonly digest: string;
  readonly document: unknown;
  readonly change: string | null;
  readonly confirmed: boolean;
}

// Always in this order: two edges that take over from each other must not wait for each other's rows.
const selectSql = `select t.tenant_id as tenant, t.device_id as device, t.epoch, t.number, t.digest, t.document, t.change,
       t.confirmed_at is not null as confirmed
  from unnest($1::text[], $2::text[]) as w (tenant, device)
  join target t on t.tenant_id = w.tenant and t.device_id = w.device
 order by t.device_id for update of t`;

// A change that waits for its yes takes no place of one that has it: of two modems the first may be done.
const updateSql = `update target t set change = a.transaction, change_nonce = a.nonce,
       announced_at = case when t.change = a.transaction then t.announced_at else now() end,
       confirmed_at = case when not a.confirmed then null when t.change = a.transaction then coalesce(t.confirmed_at, now()) else now() end
  from jsonb_to_recordset($1::jsonb) as a (tenant text, device text, transaction text, nonce text, confirmed boolean)
 where t.tenant_id = a.tenant and t.device_id = a.device and (a.confirmed or t.confirmed_at is null)`;

async function lockTargets(client: pg.ClientBase, addresses: readonly DeviceAddress[]): Promise<Map<string, AnnouncedTarget>> {
  const columns = [addresses.map(({ tenant }) => tenant), addresses.map(({ device }) => device)];
  const { rows } = await client.query<TargetRow>(selectSql, columns);
  return new Map(rows.map(({ document, ...row }) => [deviceKey(row), { ...row, rules: parseSealedTarget(document)?.rules ?? null }]));
}

/** Refusals of a change to this very target: it shows that it is waited for. */
const ofThisTarget: readonly AnnounceRefusalCode[] = ['announce.bearer-differs', 'announce.unknown-profile', 'announce.unreadable-target'];

function answer(target: AnnouncedTarget | null, question: AddressedAnnounce): AnnounceAnswer {
  const refusal = refusalOfAnnounce(target, question.announce);
  const isShown = refusal === null || (target?.confirmed === false && ofThisTarget.includes(refusal.code));
  const isSame = target?.change === question.announce.transaction && target.confirmed === (refusal === null);
  return { ...question, refusal, isNews: isShown && !isSame };
}

/**
 * Says yes where what was announced is the device's target as it is now and the bearer fits it; the decision is `refusalOfAnnounce`. Asked
 * twice, the answer is the same one, to the later nonce, and the first yes keeps its time.
 */
export async function answerAnnounces(client: pg.ClientBase, announces: readonly AddressedAnnounce[]): Promise<AnnounceAnswer[]> {
  if (announces.length === 0) return [];
  // The last of a device speaks for it: it has one change at a time.
  const latest = [...new Map(announces.map((one) => [deviceKey(one.address), one])).values()];
  const targets = await lockTargets(
    client,
    latest.map(({ address }) => address),
  );
  const answers = latest.map((question) => answer(targets.get(deviceKey(question.address)) ?? null, question));
  const noted = answers.filter(({ refusal, isNews }) => refusal === null || isNews);
  if (noted.length === 0) return answers;
  const rows = noted.map(({ address, announce: { transaction, nonce }, refusal }) => ({
    ...address,
    transaction,
    nonce,
    confirmed: refusal === null,
  }));
  await client.query(updateSql, [JSON.stringify(rows)]);
  await enqueueConfirms(
    client,
    rows.filter(({ confirmed }) => confirmed).map(({ tenant, device, transaction }) => ({ tenant, device, change: transaction })),
  );
  return answers;
}
