import type { Client } from 'pg';

/** What devices are called and tagged with: queries draw from the same words. */
export const kinds = ['vehicle', 'kiosk', 'pump', 'meter', 'charger', 'camera', 'sign', 'lab'] as const;
/** Shares of the kinds, summed up. */
const kindBounds = [0.35, 0.55, 0.7, 0.82, 0.9, 0.96, 0.99];
const heads = ['ash', 'birch', 'clay', 'dun', 'elm', 'fern', 'glen', 'hazel', 'iron', 'kings', 'long', 'marsh'];
const tails = ['bridge', 'field', 'ford', 'haven', 'mouth', 'wick'];
export const towns: readonly string[] = heads.flatMap((head) => tails.map((tail) => head + tail));
export const customers = 1000;
export const batches = 150;

/** Odd, so that multiplying by it modulo 2^40 gives each device another id; hexadecimal digits are all in the alphabet of device ids. */
const idStep = '679568505215';

const words = (list: readonly string[]) => `array[${list.map((word) => `'${word}'`).join(',')}]`;
const site = (expression: string) => `('00000000-0000-4000-8000-' || lpad(to_hex(${expression}), 12, '0'))::uuid`;
const siteCount = 400;

/** What a device with one modem last said, of the size that such reports have. */
const reported = `jsonb_build_object('held', jsonb_build_object('target', jsonb_build_object('epoch', 1, 'number', 1)), 'uptimeS', n % 9000000,
  'target', jsonb_build_object('version', jsonb_build_object('epoch', 1, 'number', 1), 'digest', md5(id) || md5(name), 'status', 'applied'),
  'modems', jsonb_build_array(jsonb_build_object('id', 'modem0', 'model', 'ec25', 'product', 'EC25-E', 'imei', imei, 'firmware', 'EC25EFAR06A06M4G',
    'connection', 'verified', 'sim', jsonb_build_object('state', 'ready', 'iccid', iccid, 'imsi', imsi, 'homePlmn', '00101'),
    'registration', jsonb_build_object('state', 'home', 'rat', 'lte', 'servingPlmn', '00101', 'operator', 'Polder', 'area', '1A2B', 'cell', to_hex(n)),
    'signal', jsonb_build_object('rssiDbm', signal + 30, 'rsrpDbm', signal, 'rsrqDb', -11.5, 'sinrDb', 13),
    'bearer', jsonb_build_object('requestedApn', 'fleet.polder', 'apn', 'fleet.polder', 'ipType', 'ipv4', 'dataMode', 'ecm',
      'addresses', jsonb_build_array('10.20.' || n % 250 || '.' || n % 240)),
    'profileRef', ${site('1')} || '@1', 'rule', 'Polder', 'fault', null)))`;

/**
 * Believable rather than even: 85 % spoke within ten minutes, the rest up to years ago or never; signal is bell-shaped in whole dBm, 4 % have none;
 * a few customers own most devices; names are kind, town and number.
 */
const insertDevices = `
  insert into device (tenant_id, id, name, site_id, tags, created_at, credential_hash, online, connection, last_seen_at, agent_version, boot_id,
    reported, reported_at, reported_epoch, reported_sequence, model, imei, iccid, imsi, home_plmn, serving_plmn, registration, connection_state, apn, signal_dbm)
  select 'main', id, name, ${site('site')}, array_remove(array[kind, 'batch-' || batch, 'customer-' || customer,
      case when lot < 0.05 then 'spare' end, case when lot < 0.001 then 'suspect' end], null),
    now() - interval '1 day' * (n % 900), sha256(id::bytea), coalesce(silent < interval '10 minutes', false), 1, now() - silent, '0.1.0', md5(id), ${reported},
    now() - silent, 'epoch000', n, 'ec25', imei, iccid, imsi, '00101', '00101', 'home', 'verified', 'fleet.polder', signal
  from (
    select *, kind || '-' || town || '-' || lpad(n::text, 6, '0') as name, case when bell > -1.9 then round((-96 + 9 * bell)::numeric)::real end as signal,
      case when lot2 < 0.85 then interval '10 minutes' * lot when lot2 < 0.97 then interval '7 days' * lot ^ 3 when lot2 < 0.995 then interval '700 days' * lot ^ 2 end as silent
    from (
      select n, lpad(to_hex(n::bigint * ${idStep} % 1099511627776), 10, '0') as id, random() as lot, random() as lot2, floor(${siteCount} * random() ^ 2)::int as site,
        (${words(kinds)})[1 + width_bucket(random(), array[${kindBounds.join(',')}])] as kind, (${words(towns)})[1 + floor(random() * ${towns.length})::int] as town,
        floor(random() * ${batches})::int as batch, floor(${customers} ^ random())::int as customer,
        random() + random() + random() + random() + random() + random() - 3 + case when random() < 0.04 then -9 else 0 end as bell,
        '35000' || lpad(n::text, 10, '0') as imei, '898800101' || lpad(n::text, 10, '0') as iccid, '00101' || lpad(n::text, 10, '0') as imsi
      from generate_series($1::int + 1, $2::int) n
    ) drawn
  ) device`;

/** What hangs on devices. The triggers that keep names and tags rest meanwhile: row by row they would take minutes. */
const followers = {
  target: `insert into target (tenant_id, device_id, epoch, number, digest, document, policy_id, policy_version, assigned_by, held_at, status, status_at)
   select 'main', id, 1, 1, md5(id) || md5(name), '{"rules": []}', ${site('1')}, 1, ${site('1')}, now(), 'applied', now()
     from device where reported_sequence > $1 and reported_sequence <= $2 and reported_sequence % 20 > 0`,
  device_name: `insert into device_name select tenant_id, id, name from device where reported_sequence > $1 and reported_sequence <= $2`,
  device_tag: `insert into device_tag select tenant_id, tag, id from device, unnest(tags) tag where reported_sequence > $1 and reported_sequence <= $2 order by 2, 3`,
};
type Follower = keyof typeof followers;
const everyFollower: readonly Follower[] = ['target', 'device_name', 'device_tag'];
const tables = ['device', 'device_name', 'device_tag', 'target', 'site'];

const prepare = [
  `insert into site (tenant_id, id, name) select 'main', ${site('n')}, 'site ' || n from generate_series(0, ${siteCount - 1}) n on conflict do nothing`,
  `insert into apn_policy (tenant_id, id, name) values ('main', ${site('1')}, 'benchmark') on conflict do nothing`,
  `insert into apn_policy_version (tenant_id, policy_id, version, document, created_by) values ('main', ${site('1')}, 1, '{}', ${site('1')}) on conflict do nothing`,
];

interface IndexRow {
  readonly name: string;
  readonly definition: string;
}

/** The indexes beside the primary keys. */
async function lesserIndexes(client: Client): Promise<IndexRow[]> {
  const { rows } = await client.query<IndexRow>(
    `select indexname as name, indexdef as definition from pg_indexes
      where schemaname = 'public' and tablename = any($1) and indexname not like '%\\_pkey'`,
    [tables],
  );
  return rows;
}

/**
 * Adds devices until there are `to`. The indexes are taken away meanwhile and made again as they were, which takes a third of the time; then
 * VACUUM ANALYZE, as autovacuum does in time.
 * @param wanted what is made beside the devices
 */
export async function growFleet(
  client: Client,
  { from, to }: { from: number; to: number },
  wanted: readonly Follower[] = everyFollower,
): Promise<void> {
  // Every row is made here and fits: checking a million foreign keys would only take time.
  await client.query(
    `set synchronous_commit = off; set maintenance_work_mem = '512MB'; set session_replication_role = replica; select setseed(0.5)`,
  );
  await client.query('begin');
  for (const statement of prepare) await client.query(statement);
  const indexes = await lesserIndexes(client);
  for (const { name } of indexes) await client.query(`drop index "${name}"`);
  await client.query(insertDevices, [from, to]);
  for (const follower of wanted) await client.query(followers[follower], [from, to]);
  for (const { definition } of indexes) await client.query(definition);
  await client.query('commit');
  for (const table of tables) await client.query(`vacuum (analyze) ${table}`);
  await client.query('checkpoint');
}
