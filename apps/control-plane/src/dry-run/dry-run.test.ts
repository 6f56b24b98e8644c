import { type DryRunLine, dryRunLineSchema, policyVersionSchema, problemSchema, profileVersionSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice, addPolicy, reportedModem } from '../api/testing/fleet.ts';
import { systemIds } from '../platform/clock.ts';

let api: ApiHarness;
let old: { id: string; version: number };
let next: { id: string; version: number };
const fleetSize = 450;
const idOf = (number: number) => `e${String(number).padStart(9, '0')}`;

beforeAll(async () => {
  api = await createApiHarness();
  [old, next] = [await addPolicy(api, 'internet'), await addPolicy(api, 'fleet.north')];
  const abilities = { modes: ['ecm'], switches: [], redialS: 60, reattachS: 240, switchS: 400 };
  const modems = [{ ...reportedModem, abilities }];
  await api.database.prisma.device.createMany({
    data: Array.from({ length: fleetSize }, (_, number) => ({
      tenantId: 'main',
      id: idOf(number),
      name: idOf(number),
      tags: [],
      online: true,
      reported: { uptimeS: 1, uplinks: number % 3 === 0 ? [] : ['eth0'], modems },
      reportedAt: new Date(),
    })),
  });
  await api.call('PATCH', '/v1/rollouts/approval', { above: null });
  await api.call('POST', '/v1/assignments', { policy: old, devices: Array.from({ length: 100 }, (_, number) => idOf(number)) });
  await api.database.prisma.target.updateMany({ data: { heldAt: new Date(), status: 'applied' } });
});
afterAll(() => api.close());

async function run(body: object, token = api.token, url = '/v1/dry-runs'): Promise<DryRunLine[]> {
  const answer = await api.app.inject({
    method: 'POST',
    url,
    headers: { authorization: `Bearer ${token}` },
    payload: body,
  });
  expect(answer.headers['content-type']).toBe('application/x-ndjson');
  return answer.body
    .trimEnd()
    .split('\n')
    .map((line) => dryRunLineSchema.parse(JSON.parse(line)));
}

it('tells of every device once, in order, and sums up; nothing is changed by it', async () => {
  const count = async () => [await api.database.prisma.outbox.count(), await api.database.prisma.auditEntry.count()];
  const before = await count();
  const lines = await run({ policy: next, selection: { filter: 'id==*' } });
  const devices = lines.flatMap((line) => (line.kind === 'device' ? [line] : []));
  expect(devices.map(({ device }) => device)).toEqual(Array.from({ length: fleetSize }, (_, number) => idOf(number)));
  expect(devices[0]).toMatchObject({
    outcome: 'assigned',
    modems: [
      { modem: '1-1', kind: 'reattach', cutsLink: true, outageS: 240, changes: [{ field: 'apn', from: 'internet', to: 'fleet.north' }] },
    ],
    risks: ['uplink.only', 'lifeline.none'],
  });
  expect(devices[1]?.risks).toEqual([]);
  expect(lines.at(-1)).toMatchObject({
    kind: 'summary',
    devices: fleetSize,
    assigned: fleetSize,
    cut: fleetSize,
    outage: { medianS: 240, maxS: 240 },
    text: `${fleetSize} of ${fleetSize} devices lose their link for at most 240 s, 150 change their only uplink, 150 have no lifeline.`,
  });
  expect(await count()).toEqual(before);
});

it('says what has the target already, and what is dialled so without one', async () => {
  const lines = await run({ policy: old, selection: { devices: [idOf(1), idOf(200)] } });
  expect(lines).toMatchObject([{ outcome: 'unchanged' }, { outcome: 'assigned', modems: [{ kind: 'none', cutsLink: false }] }, { cut: 0 }]);
});

it('opens secrets to compare them and shows none', async () => {
  const profile = { apn: 'internet', ipType: 'ipv4', auth: 'pap', username: 'u', password: 'hunter22', dataMode: 'auto', roaming: true };
  const versions = [];
  for (const password of ['hunter22', 'hunter33']) {
    const made = await api.expectOk(profileVersionSchema, 'POST', '/v1/profiles', { name: password, profile: { ...profile, password } });
    const rules = [{ name: 'everyone', level: 'fleet', profile: { id: made.id, version: 1 } }];
    versions.push(await api.expectOk(policyVersionSchema, 'POST', '/v1/policies', { name: password, rules }));
  }
  const [first, second] = versions.map(({ id, version }) => ({ id, version }));
  await api.call('POST', '/v1/assignments', { policy: first, devices: [idOf(300)] });
  const lines = await run({ policy: second, selection: { devices: [idOf(300)] } });
  expect(lines[0]).toMatchObject({ modems: [{ kind: 'redial', changes: [{ field: 'password', from: null, to: null }] }] });
  expect(JSON.stringify(lines)).not.toMatch(/hunter/);
});

it('is refused like any request where nothing has been answered yet, and sees one tenant only', async () => {
  const refused = await api.call('POST', '/v1/dry-runs', { policy: { ...old, version: 9 }, selection: { filter: 'id==*' } });
  expect(problemSchema.parse(refused.body)).toMatchObject({ status: 422, errors: [{ path: 'policy' }] });
  const wrong = await api.call('POST', '/v1/dry-runs', { policy: old, selection: { filter: 'nope==1' } });
  expect(problemSchema.parse(wrong.body).code).toBe('filter.invalid');
  const stranger = await api.tokenFor('other', 'admin');
  expect((await api.call('POST', '/v1/dry-runs', { policy: old, selection: { filter: 'id==*' } }, stranger)).status).toBe(422);
  const viewer = await api.tokenFor('main', 'viewer');
  await addDevice(api, { id: 'zzzzzzzzzy', tenantId: 'other' });
  expect((await run({ policy: old, selection: { filter: 'id=ge=z' } }, viewer)).at(-1)).toMatchObject({ devices: 0 });
});

it('tells the same of a rollout, and nothing of one of another tenant', async () => {
  const id = systemIds.uuid();
  const selection = { devices: [idOf(1), idOf(2)] };
  await api.database.pool.query(
    `insert into rollout (tenant_id, id, name, kind, policy_id, policy_version, selection, settings, created_by)
     values ('main', $1::uuid, 'r', 'policy', $2, 1, $3, '{}', $1::uuid)`,
    [id, next.id, JSON.stringify(selection)],
  );
  const url = `/v1/rollouts/${id}/dry-run`;
  expect(await run({}, api.token, url)).toEqual(await run({ policy: next, selection }));
  expect((await api.call('POST', url, undefined, await api.tokenFor('other', 'admin'))).status).toBe(404);
});
