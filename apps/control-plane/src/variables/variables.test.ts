import {
  assignmentSchema,
  explanationSchema,
  groupSchema,
  levelVariablesSchema,
  membersChangedSchema,
  policyVersionSchema,
  problemSchema,
  profileVersionSchema,
  siteSchema,
} from '@towline/protocol/http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice, reportedModem } from '../api/testing/fleet.ts';
import { openTarget } from '../targets/sealed-target.ts';

let api: ApiHarness;
let policy: { id: string; version: number };
let site: string;
const device = 'a000000001';
const other = 'a000000002';

beforeAll(async () => {
  api = await createApiHarness();
  site = (await api.expectOk(siteSchema, 'POST', '/v1/sites', { name: 'north' })).id;
  await addDevice(api, { id: device, siteId: site, tags: ['roof'], modems: [reportedModem] });
  await addDevice(api, { id: other });
  const profile = { apn: 'fleet.${place}', ipType: 'ipv4', auth: 'pap', username: '${user}', dataMode: 'auto', roaming: true };
  const made = await api.expectOk(profileVersionSchema, 'POST', '/v1/profiles', { name: 'templated', profile });
  const rules = [{ name: 'everyone', level: 'fleet', profile: { id: made.id, version: 1 } }];
  const saved = await api.expectOk(policyVersionSchema, 'POST', '/v1/policies', { name: 'templated', rules, variables: { user: 'u0' } });
  expect(saved).toMatchObject({ variables: { user: 'u0' }, settings: { drift: 'show', roamingHoldS: 300 } });
  expect(saved.warnings.map(({ code, message }) => `${code} ${message.split(':')[0]}`)).toEqual(['variable.no-default place']);
  policy = { id: saved.id, version: saved.version };
});
afterAll(() => api.close());

const set = (body: object) => api.expectOk(levelVariablesSchema, 'PATCH', '/v1/variables', body);
const assign = () => api.expectOk(assignmentSchema, 'POST', '/v1/assignments', { policy, devices: [device, other] });
async function dialled(id = device) {
  const row = await api.database.prisma.target.findFirstOrThrow({ where: { deviceId: id } });
  const profile = openTarget(row.document, api.ports.sealer).rules[0]?.profile;
  return `${profile?.username}@${profile?.apn}`;
}

it('refuses a device that has no value, by a code of its own', async () => {
  expect((await assign()).devices.map((one) => one.outcome === 'refused' && one.code)).toEqual([
    'target.variable-unknown',
    'target.variable-unknown',
  ]);
});

it('puts in the value of the strongest level, at the next assignment and not before', async () => {
  await set({ level: 'fleet', values: { place: 'everywhere' } });
  expect(await assign()).toMatchObject({ assigned: 2 });
  expect([await dialled(), await dialled(other)]).toEqual(['u0@fleet.everywhere', 'u0@fleet.everywhere']);
  await set({ level: 'site', subject: site, values: { place: 'north', user: 'u1' } });
  expect(await dialled()).toBe('u0@fleet.everywhere');
  expect(await assign()).toMatchObject({ assigned: 1, unchanged: 1 });
  expect([await dialled(), await dialled(other)]).toEqual(['u1@fleet.north', 'u0@fleet.everywhere']);
  const group = await api.expectOk(groupSchema, 'POST', '/v1/groups', { name: 'g', rank: 1 });
  await api.expectOk(membersChangedSchema, 'POST', `/v1/groups/${group.id}/members`, { add: [device] });
  await set({ level: 'group', subject: group.id, values: { place: 'grouped' } });
  await set({ level: 'device', subject: device, values: { user: 'mine' } });
  await assign();
  expect(await dialled()).toBe('mine@fleet.grouped');
  await set({ level: 'device', subject: device, values: { user: null } });
  await assign();
  expect(await dialled()).toBe('u1@fleet.grouped');
});

it('counts for the groups whose filter matches, too', async () => {
  const group = await api.expectOk(groupSchema, 'POST', '/v1/groups', { name: 'by filter', rank: 2, filter: 'tag==roof' });
  await set({ level: 'group', subject: group.id, values: { user: 'roofed' } });
  await assign();
  expect([await dialled(), await dialled(other)]).toEqual(['roofed@fleet.grouped', 'u0@fleet.everywhere']);
});

it('refuses what does not fit once it is put in', async () => {
  await set({ level: 'device', subject: other, values: { place: 'no apn' } });
  expect((await assign()).devices[1]).toMatchObject({ device: other, code: 'target.variable-invalid' });
  expect(await dialled(other)).toBe('u0@fleet.everywhere');
});

it('shows in an explanation what a device would dial', async () => {
  const { modems } = await api.expectOk(explanationSchema, 'GET', `/v1/devices/${device}/explain?policy=${policy.id}`);
  expect(modems[0]?.profile).toMatchObject({ apn: 'fleet.grouped', username: 'roofed' });
});

it('is set for what is there, by whoever may, and never beyond its bounds', async () => {
  const stranger = await api.tokenFor('other', 'admin');
  const answers = await Promise.all([
    api.call('PATCH', '/v1/variables', { level: 'device', subject: device, values: { a: 'b' } }, stranger),
    api.call('GET', `/v1/variables?level=device&subject=${device}`, undefined, stranger),
    api.call('PATCH', '/v1/variables', { level: 'fleet', values: { a: 'b' } }, await api.tokenFor('main', 'viewer')),
    api.call('PATCH', '/v1/variables', { level: 'site', values: { a: 'b' } }),
    api.call('PATCH', '/v1/variables', { level: 'fleet', values: { A: 'b' } }),
    api.call('PATCH', '/v1/variables', { level: 'fleet', values: { a: 'b"' } }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 403, 422, 422, 422]);
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`v${index}`, 'x']));
  const full = await api.call('PATCH', '/v1/variables', { level: 'fleet', values: many });
  expect(problemSchema.parse(full.body).code).toBe('resource.conflict');
  const audit = await api.database.prisma.auditEntry.findMany({ where: { action: 'variables.set', subject: site } });
  expect(audit[0]?.details).toEqual({ level: 'site', values: { place: 'north', user: 'u1' } });
});
