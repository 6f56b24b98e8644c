import type { Announce, DeviceAddress } from '@towline/protocol';
import type pg from 'pg';
import { enqueueConfirms } from '../outbox/outbox.repository.ts';

/** A device's question whether its change may stay. */
export interface AddressedAnnounce {
  readonly address: DeviceAddress;
  readonly announce: Announce;
}

/**
 * Says yes where what was announced is the device's target as it is now. Asked twice, the answer is the same one, to the later nonce; asked
 * for a target that has been replaced, or that this database never gave, there is none.
 * @returns whose target was confirmed
 */
export async function confirmAnnounces(client: pg.ClientBase, announces: readonly AddressedAnnounce[]): Promise<DeviceAddress[]> {
  if (announces.length === 0) return [];
  // The last of a device speaks for it: it has one change at a time.
  const latest = [...new Map(announces.map((one) => [`${one.address.tenant}/${one.address.device}`, one])).values()];
  const rows = latest.map(({ address, announce: { transaction, nonce, version, digest } }) => ({
    ...address,
    transaction,
    nonce,
    ...version,
    digest,
  }));
  const confirmed = await client.query<DeviceAddress & { readonly change: string }>(
    `update target t set change = a.transaction, change_nonce = a.nonce,
            announced_at = case when t.change = a.transaction then t.announced_at else now() end,
            confirmed_at = case when t.change = a.transaction then t.confirmed_at else now() end
       from jsonb_to_recordset($1::jsonb) as a (tenant text, device text, transaction text, nonce text, epoch int, number int, digest text)
      where t.tenant_id = a.tenant and t.device_id = a.device and t.epoch = a.epoch and t.number = a.number and t.digest = a.digest
      returning t.tenant_id as tenant, t.device_id as device, t.change`,
    [JSON.stringify(rows)],
  );
  await enqueueConfirms(client, confirmed.rows);
  return confirmed.rows.map(({ tenant, device }) => ({ tenant, device }));
}
