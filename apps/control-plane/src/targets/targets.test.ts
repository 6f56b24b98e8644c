import { randomBytes } from 'node:crypto';
import {
  assignmentSchema,
  deviceDetailSchema,
  explanationSchema,
  groupSchema,
  membersChangedSchema,
  policyDiffSchema,
  policyVersionSchema,
  problemSchema,
  profileVersionSchema,
  siteSchema,
  tagsEditedSchema,
} from '@towline/protocol/http';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiApp } from '../api/create-api-app.ts';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice, addPolicy, reportedModem } from '../api/testing/fleet.ts';
import { createSealer } from '../platform/sealer.ts';
import { openTarget } from './sealed-target.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await createApiHarness();
});
afterAll(() => api.close());

const unknownId = '7b0cbd5c-6a3f-4f0e-9d0f-0f6a6bb8f0a1';
const profile = {
  apn: 'fleet.north',
  ipType: 'ipv4',
  auth: 'pap',
  username: 'user',
  password: 'hunter22',
  dataMode: 'auto',
  roaming: true,
};
const counts = async () => ({
  targets: await api.database.prisma.target.findMany({ orderBy: { deviceId: 'asc' } }),
  outbox: await api.database.prisma.outbox.count(),
});
const assign = (body: object) => api.expectOk(assignmentSchema, 'POST', '/v1/assignments', body);

describe('profiles and policies', () => {
  it('never show a password or a PIN, at rest or in an answer', async () => {
    const made = await api.expectOk(profileVersionSchema, 'POST', '/v1/profiles', { name: 'secret', profile });
    expect(made.profile).toMatchObject({ apn: 'fleet.north', passwordSet: true });
    const rule = {
      name: 'card',
      level: 'fleet',
      when: { iccidPrefix: ['8949020000000000009'] },
      pin: '4711',
      profile: { id: made.id, version: 1 },
    };
    const policy = await api.expectOk(policyVersionSchema, 'POST', '/v1/policies', { name: 'with PIN', rules: [rule] });
    expect(policy.rules[0]).toMatchObject({ pinSet: true });
    await addDevice(api, { id: '0000000001', modems: [reportedModem] });
    await assign({ policy: { id: policy.id, version: 1 }, devices: ['0000000001'] });
    const answers = await Promise.all(
      [
        `/v1/profiles/${made.id}/versions`,
        `/v1/policies/${policy.id}/versions/1`,
        '/v1/devices/0000000001',
        '/v1/devices/0000000001/explain',
        '/v1/audit',
      ].map((url) => api.call('GET', url)),
    );
    const { pool } = api.database;
    const tables = await Promise.all(
      ['connection_profile_version', 'apn_policy_version', 'target', 'audit_entry'].map((table) => pool.query(`select * from ${table}`)),
    );
    expect(JSON.stringify([made, policy, answers, tables.map((table) => table.rows)])).not.toMatch(/hunter22|"4711"/);
    const row = await api.database.prisma.target.findFirstOrThrow({ where: { deviceId: '0000000001' } });
    expect(openTarget(row.document, api.ports.sealer).rules[0]).toMatchObject({ pin: '4711', profile: { password: 'hunter22' } });
  });

  it.each(['a"b', 'a\u0001b', 'a'.repeat(101)])('refuse the APN %j and store nothing', async (apn) => {
    const before = await api.database.prisma.connectionProfile.count();
    const answer = await api.call('POST', '/v1/profiles', { name: 'bad', profile: { ...profile, apn } });
    expect(problemSchema.parse(answer.body)).toMatchObject({ status: 422, errors: [{ path: 'profile.apn' }] });
    expect(await api.database.prisma.connectionProfile.count()).toBe(before);
  });

  it('name the rule that points at nothing', async () => {
    const rules = [
      { name: 'a', level: 'fleet', profile: { id: unknownId, version: 1 } },
      { name: 'b', level: 'site', subject: unknownId, profile: { id: unknownId, version: 1 } },
    ];
    const answer = await api.call('POST', '/v1/policies', { name: 'nowhere', rules });
    expect(problemSchema.parse(answer.body).errors?.map((error) => error.path)).toEqual([
      'rules[0].profile',
      'rules[1].profile',
      'rules[1].subject',
    ]);
    expect(await api.database.prisma.apnPolicy.count({ where: { name: 'nowhere' } })).toBe(0);
  });

  it('grow by versions that never change, numbered without gaps when many write at once', async () => {
    const policy = await addPolicy(api, 'versions');
    const { rules } = await api.expectOk(policyVersionSchema, 'GET', `/v1/policies/${policy.id}/versions/1`);
    const body = { rules: rules.map(({ pinSet: _pin, ...rule }) => ({ ...rule, name: 'renamed' })) };
    const added = await Promise.all(
      [1, 2, 3].map(() => api.expectOk(policyVersionSchema, 'POST', `/v1/policies/${policy.id}/versions`, body)),
    );
    expect(added.map((version) => version.version).toSorted((left, right) => left - right)).toEqual([2, 3, 4]);
    const diff = await api.expectOk(policyDiffSchema, 'GET', `/v1/policies/${policy.id}/diff?from=1&to=2`);
    expect(diff.changes.map(({ change, rule }) => `${change} ${rule}`)).toEqual(['removed everyone', 'added renamed']);
  });
});

describe('an assignment', () => {
  it('gives each device its target, its note in the outbox and its line in the audit, once', async () => {
    const policy = await addPolicy(api, 'once');
    await addDevice(api, { id: '0000000002' });
    await addDevice(api, { id: '0000000003', tenantId: await otherTenant() });
    const devices = ['0000000002', '0000000003', '00000000zz'];
    const first = await assign({ policy, devices, note: 'trial' });
    expect(first.devices).toEqual([
      { device: '0000000002', outcome: 'assigned', version: { epoch: 1, number: 1 } },
      { device: '0000000003', outcome: 'refused', code: 'device.not-found' },
      { device: '00000000zz', outcome: 'refused', code: 'device.not-found' },
    ]);
    const before = await counts();
    expect(await assign({ policy, devices })).toMatchObject({ assigned: 0, unchanged: 1, refused: 2 });
    expect(await counts()).toEqual(before);
    const audit = await api.database.prisma.auditEntry.findMany({ where: { subject: '0000000002', action: 'target.assign' } });
    expect(audit.map((entry) => entry.details)).toEqual([{ policy: policy.id, version: 1, number: 1, note: 'trial' }]);
  });

  it('begins anew what was known of a target, for more devices than fit into one transaction', async () => {
    const [old, next] = [await addPolicy(api, 'old'), await addPolicy(api, 'next')];
    const devices = Array.from({ length: 230 }, (_, index) => `a${String(index).padStart(9, '0')}`);
    await api.database.prisma.device.createMany({ data: devices.map((id) => ({ tenantId: 'main', id, name: id, tags: [] })) });
    await api.call('PATCH', '/v1/rollouts/approval', { above: 240 });
    expect(await assign({ policy: old, devices })).toMatchObject({ assigned: 230 });
    await api.database.prisma.target.updateMany({ data: { heldAt: new Date(), status: 'applied', statusAt: new Date() } });
    const before = Date.now();
    expect(await assign({ policy: next, devices })).toMatchObject({ assigned: 230, unchanged: 0, refused: 0 });
    const rows = await api.database.prisma.target.findMany({ where: { deviceId: { in: devices } } });
    const known = { epoch: 1, number: 2, policyId: next.id, policyVersion: 1, heldAt: null, status: null, statusAt: null };
    for (const row of rows) expect(row).toMatchObject(known);
    expect(Math.abs((rows[0]?.assignedAt.getTime() ?? 0) - before)).toBeLessThan(60_000);
    expect(new Set(rows.map((row) => row.digest)).size).toBe(230);
  });

  it('gives out each number once when two assign at the same time', async () => {
    const [left, right] = [await addPolicy(api, 'left'), await addPolicy(api, 'right')];
    await addDevice(api, { id: '0000000004' });
    const devices = ['0000000004'];
    const made = await Promise.all([assign({ policy: left, devices }), assign({ policy: right, devices })]);
    const numbers = made.flatMap(({ devices: outcomes }) => outcomes.map((one) => (one.outcome === 'refused' ? 0 : one.version.number)));
    expect(numbers.toSorted((left, right) => left - right)).toEqual([1, 2]);
  });

  it('is the only thing that changes a target: policies, tags, groups and sites move no link', async () => {
    const policy = await addPolicy(api, 'still');
    await addDevice(api, { id: '0000000005', tags: ['old'] });
    await assign({ policy, devices: ['0000000005'] });
    const before = await counts();
    const site = await api.expectOk(siteSchema, 'POST', '/v1/sites', { name: 'still' });
    const group = await api.expectOk(groupSchema, 'POST', '/v1/groups', { name: 'still', rank: 50 });
    await api.expectOk(membersChangedSchema, 'POST', `/v1/groups/${group.id}/members`, { add: ['0000000005'] });
    await api.expectOk(deviceDetailSchema, 'PATCH', '/v1/devices/0000000005', { site: site.id, name: 'renamed' });
    const { rules } = await api.expectOk(policyVersionSchema, 'GET', `/v1/policies/${policy.id}/versions/1`);
    const own = rules.map(({ pinSet: _pin, ...rule }) => ({ ...rule, level: 'group', subject: group.id, tags: ['old'] }));
    await api.expectOk(policyVersionSchema, 'POST', `/v1/policies/${policy.id}/versions`, { rules: own });
    const edited = await api.expectOk(tagsEditedSchema, 'POST', '/v1/devices/tags', { filter: 'id==*', add: ['new'], remove: ['old'] });
    expect(edited.changed).toBeGreaterThan(3);
    expect(await counts()).toEqual(before);
  });

  it('says which device has no rule at all and leaves it as it is', async () => {
    const made = await api.expectOk(profileVersionSchema, 'POST', '/v1/profiles', { name: 'lonely', profile });
    const rules = [{ name: 'cellar', level: 'fleet', tags: ['cellar'], profile: { id: made.id, version: 1 } }];
    const policy = await api.expectOk(policyVersionSchema, 'POST', '/v1/policies', { name: 'lonely', rules });
    await addDevice(api, { id: '0000000006' });
    const answer = await assign({ policy: { id: policy.id, version: 1 }, devices: ['0000000006'] });
    expect(answer.devices).toEqual([{ device: '0000000006', outcome: 'refused', code: 'target.no-rule' }]);
  });

  it('tells those who watch, by the transaction that writes', async () => {
    const policy = await addPolicy(api, 'watched');
    await addDevice(api, { id: '0000000007' });
    const client = await api.database.pool.connect();
    const heard = new Promise<string>((resolve) => client.on('notification', ({ payload }) => resolve(payload ?? '')));
    await client.query('listen towline_change');
    await assign({ policy, devices: ['0000000007'] });
    expect(JSON.parse(await heard)).toEqual([{ tenant: 'main', kind: 'target', id: '0000000007', device: '0000000007' }]);
    client.release(true);
  });
});

describe('an explanation', () => {
  it('tells rule by rule why, and what would change', async () => {
    const site = await api.expectOk(siteSchema, 'POST', '/v1/sites', { name: 'explained' });
    await addDevice(api, { id: '0000000008', siteId: site.id, modems: [reportedModem] });
    const old = await addPolicy(api, 'internet');
    await assign({ policy: old, devices: ['0000000008'] });
    const made = await api.expectOk(profileVersionSchema, 'POST', '/v1/profiles', { name: 'explained', profile });
    const use = { id: made.id, version: 1 };
    const rules = [
      { name: 'fleet', level: 'fleet', profile: use },
      { name: 'tagged', level: 'site', subject: site.id, tags: ['roof'], profile: use },
      { name: 'american', level: 'site', subject: site.id, when: { homePlmn: ['310410'] }, profile: use },
      { name: 'german', level: 'site', subject: site.id, when: { homePlmn: ['26201'] }, profile: use },
    ];
    const policy = await api.expectOk(policyVersionSchema, 'POST', '/v1/policies', { name: 'explained', rules });
    const explain = (query: string) => api.expectOk(explanationSchema, 'GET', `/v1/devices/0000000008/explain${query}`);
    const [modem] = (await explain(`?policy=${policy.id}`)).modems;
    expect(modem?.trail).toEqual([
      { rule: 'tagged', level: 'site', verdict: 'elsewhere', failed: ['tags'] },
      { rule: 'american', level: 'site', verdict: 'failed', failed: ['homePlmn'] },
      { rule: 'german', level: 'site', verdict: 'matched', failed: [] },
      { rule: 'fleet', level: 'fleet', verdict: 'not-reached', failed: [] },
    ]);
    expect(modem?.againstTarget.find((change) => change.field === 'apn')).toEqual({ field: 'apn', from: 'internet', to: 'fleet.north' });
    expect(modem?.againstBearer).toEqual([{ field: 'apn', from: 'internet.mnc001.mcc262.gprs', to: 'fleet.north' }]);
    expect((await explain(`?policy=${policy.id}&homePlmn=310410`)).modems[0]?.rule).toBe('american');
    const inForce = await explain('');
    expect(inForce).toMatchObject({ policy: old, modems: [{ rule: 'everyone', againstTarget: [], againstBearer: [] }] });
  });

  it('says what to give when there is nothing to explain', async () => {
    await addDevice(api, { id: '0000000009' });
    const answer = await api.call('GET', '/v1/devices/0000000009/explain');
    expect(problemSchema.parse(answer.body)).toMatchObject({ status: 422, errors: [{ path: 'policy' }] });
    expect((await api.call('GET', `/v1/devices/0000000009/explain?policy=${unknownId}`)).status).toBe(404);
  });
});

async function otherTenant(): Promise<string> {
  await api.tokenFor('other', 'admin');
  return 'other';
}

describe('when the sealing key was lost', () => {
  it('says so, and an assignment of what holds no secret goes through again', async () => {
    const made = await api.expectOk(profileVersionSchema, 'POST', '/v1/profiles', { name: 'sealed before', profile });
    const rules = [{ name: 'everyone', level: 'fleet', profile: { id: made.id, version: 1 } }];
    const sealed = await api.expectOk(policyVersionSchema, 'POST', '/v1/policies', { name: 'sealed before', rules });
    const open = await addPolicy(api, 'without.secret');
    await addDevice(api, { id: 'key0000001' });
    await assign({ policy: { id: sealed.id, version: 1 }, devices: ['key0000001'] });
    const app = await createApiApp({ ...api.ports, sealer: createSealer(randomBytes(32)), metrics: new Registry() });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    const assignTo = (policy: object) =>
      app.inject({
        method: 'POST',
        url: '/v1/assignments',
        headers: { authorization: `Bearer ${api.token}` },
        payload: { policy, devices: ['key0000001'] },
      });
    const refused = await assignTo({ id: sealed.id, version: 1 });
    expect(problemSchema.parse(refused.json())).toMatchObject({ status: 500, code: 'secrets.unreadable' });
    expect(refused.body).toContain('TOWLINE_KEY');
    expect(assignmentSchema.parse((await assignTo(open)).json())).toMatchObject({ assigned: 1 });
    expect(await api.database.prisma.target.findFirst({ where: { deviceId: 'key0000001' } })).toMatchObject({ number: 2 });
    await app.close();
  });
});
