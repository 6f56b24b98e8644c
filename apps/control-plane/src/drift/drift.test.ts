import { manualClock, seededRandom } from '@towline/kit';
import type { ModemState } from '@towline/protocol';
import {
  assignmentSchema,
  devicePageSchema,
  fleetSummarySchema,
  policyVersionSchema,
  profileVersionSchema,
  siteSchema,
} from '@towline/protocol/http';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { addDevice, reportedModem } from '../api/testing/fleet.ts';
import { systemIds } from '../platform/clock.ts';
import { inTransaction } from '../platform/database.ts';
import { DriftRepository } from './drift.repository.ts';
import { markDrift } from './mark-drift.repository.ts';

let api: ApiHarness;
let drift: DriftRepository;
let policies: Record<'show' | 'mend', { id: string; version: number }>;
let site: string;
const device = 'a000000001';

beforeAll(async () => {
  api = await createApiHarness({ clock: manualClock(Date.now()) });
  drift = new DriftRepository(api.database, seededRandom(5));
  site = (await api.expectOk(siteSchema, 'POST', '/v1/sites', { name: 'north' })).id;
  const profile = { apn: 'internet', ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true };
  const made = await api.expectOk(profileVersionSchema, 'POST', '/v1/profiles', { name: 'p', profile });
  const save = async (how: 'show' | 'mend') => {
    const rules = [{ name: 'everyone', level: 'fleet', profile: { id: made.id, version: 1 } }];
    const { id, version } = await api.expectOk(policyVersionSchema, 'POST', '/v1/policies', { name: how, rules, settings: { drift: how } });
    return { id, version };
  };
  policies = { show: await save('show'), mend: await save('mend') };
});
beforeEach(async () => {
  await api.database.prisma.device.deleteMany();
  await addDevice(api, { id: device, siteId: site, online: true });
});
afterAll(() => api.close());

const asWanted: ModemState = { ...reportedModem, rule: 'everyone' };
const elsewhere: ModemState = {
  ...asWanted,
  bearer: { requestedApn: 'internet', apn: 'default.carrier', ipType: 'ipv4', dataMode: 'ecm', addresses: [] },
};

async function assign(how: 'show' | 'mend') {
  await api.expectOk(assignmentSchema, 'POST', '/v1/assignments', { policy: policies[how], devices: [device] });
}
const target = () => api.database.prisma.target.findFirstOrThrow({ where: { deviceId: device } });

/** The device says so, and the edge writes it down. */
async function report(modem: ModemState, status: 'applying' | 'applied' | 'failed' | 'reverted' = 'applied') {
  const { epoch, number, digest, document } = await target();
  const rules: unknown = document;
  const profileRef = JSON.stringify(rules).match(/"profileRef":"([^"]+)"/)?.[1] ?? null;
  const modems = [{ ...modem, profileRef }];
  await api.database.prisma.device.updateMany({ data: { reported: { uptimeS: 1, modems }, reportedAt: new Date() } });
  await api.database.prisma.target.updateMany({ data: { heldAt: new Date(), status } });
  const told = { target: { version: { epoch, number }, digest, status }, modems };
  const address = { tenant: 'main', device };
  await inTransaction(api.database.pool, (client) => markDrift(client, [{ address, report: told }]));
}
const makeDue = () => api.database.prisma.deviceDrift.updateMany({ where: { mendAt: { not: null } }, data: { mendAt: new Date(0) } });
const summary = () => api.expectOk(fleetSummarySchema, 'GET', '/v1/fleet/summary');

it('is looked for where something new was reported, counted, and found by filter', async () => {
  await assign('show');
  await report(elsewhere);
  expect([await drift.look(), await drift.look()]).toEqual([1, 0]);
  expect(await summary()).toMatchObject({
    drifting: 1,
    byDrift: [{ value: 'apn', count: 1 }],
    byDriftingPolicy: [{ value: `${policies.show.id}@1`, count: 1 }],
  });
  const found = async (filter: string) => (await api.expectOk(devicePageSchema, 'GET', `/v1/devices?filter=${filter}`)).items.length;
  expect([await found('drift==apn'), await found('drift==none'), await found('drift==ipType')]).toEqual([1, 0, 0]);
  await report(elsewhere);
  expect(await drift.look()).toBe(0);
  await report(asWanted);
  expect(await drift.look()).toBe(1);
  expect(await found('drift==none')).toBe(1);
});

it('is none while the device is on its way to its target, or its link is merely down', async () => {
  await assign('show');
  await report(elsewhere, 'applying');
  await drift.look();
  expect(await api.database.prisma.deviceDrift.findFirst()).toMatchObject({ fields: [], since: null });
  await report({ ...asWanted, bearer: null, rule: null });
  await drift.look();
  expect(await api.database.prisma.deviceDrift.findFirst()).toMatchObject({ fields: [], since: null });
});

it('is looked for once a device has settled, and on its way only where it drifted or is to be looked at anyway', async () => {
  await assign('show');
  const afterwards = async (modem: ModemState, status: 'applying' | 'applied') => {
    await report(modem, status);
    const looked = await drift.look();
    const { since } = await api.database.prisma.deviceDrift.findFirstOrThrow();
    return [looked, since !== null];
  };
  expect(await afterwards(elsewhere, 'applying')).toEqual([0, false]);
  expect(await afterwards(asWanted, 'applied')).toEqual([1, false]);
  expect(await afterwards(elsewhere, 'applying')).toEqual([0, false]);
  expect(await afterwards(elsewhere, 'applied')).toEqual([1, true]);
  expect(await afterwards(elsewhere, 'applying')).toEqual([1, false]);
  await report(elsewhere);
  expect(await afterwards(elsewhere, 'applying')).toEqual([1, false]);
  expect(await afterwards(elsewhere, 'applied')).toEqual([1, true]);
});

it('is looked at again where the device said something else while it was looked at', async () => {
  await assign('show');
  await report(asWanted);
  const { pool } = api.database;
  const slow = await pool.connect();
  // The first to read the marks waits for as long as `slow` wants, once the moment that its statement sees is fixed.
  await pool.query(`
    create function while_slow() returns boolean language plpgsql as
      'begin if pg_try_advisory_xact_lock(78) then perform pg_advisory_xact_lock_shared(77); end if; return true; end';
    alter table device_drift rename to device_drift_kept;
    create view device_drift as select * from device_drift_kept where while_slow()`);
  await slow.query('select pg_advisory_lock(77)');
  const looking = drift.look();
  const waiting = "select 1 from pg_locks where locktype = 'advisory' and objid = 77 and not granted";
  await vi.waitFor(async () => expect((await pool.query(waiting)).rowCount).toBe(1));
  await report(elsewhere);
  await slow.query('select pg_advisory_unlock(77)');
  slow.release();
  await looking;
  await pool.query('drop view device_drift; drop function while_slow; alter table device_drift_kept rename to device_drift');
  await drift.look();
  expect(await api.database.prisma.deviceDrift.findFirst()).toMatchObject({ fields: ['apn'], dirty: false });
});

it('is mended where the policy says so: the same target anew, a few times', async () => {
  await assign('mend');
  const first = await target();
  for (let mends = 1; mends <= 3; mends += 1) {
    await report(elsewhere);
    await drift.look();
    expect(await drift.mend()).toBe(0);
    await makeDue();
    expect(await drift.mend()).toBe(1);
    const { number, digest, document, policyId, status, heldAt, assignedBy } = await target();
    const same = { digest: first.digest, document: first.document, policyId: first.policyId, assignedBy: first.assignedBy };
    expect({ digest, document, policyId, assignedBy }).toEqual(same);
    expect([number, status, heldAt]).toEqual([first.number + mends, null, null]);
  }
  await report(elsewhere);
  await drift.look();
  await makeDue();
  expect(await drift.mend()).toBe(0);
  expect(await api.database.prisma.auditEntry.count({ where: { action: 'target.mend', actor: 'system' } })).toBe(3);
});

it('is mended under no earlier epoch than the device holds, and not at all where the device holds what this database never gave', async () => {
  await assign('mend');
  await api.database.prisma.target.updateMany({ data: { epoch: 7 } });
  const mend = async () => {
    await report(elsewhere);
    await drift.look();
    await makeDue();
  };
  await mend();
  await drift.mend();
  const { number } = await target();
  expect(await target()).toMatchObject({ epoch: 7, status: null });
  await mend();
  await api.database.prisma.target.updateMany({ data: { status: 'overtaken' } });
  expect(await drift.mend()).toBe(1);
  expect(await target()).toMatchObject({ number, status: 'overtaken' });
});

it('is only shown where the policy says no more, and where the device went back for a reason', async () => {
  await assign('show');
  await report(elsewhere);
  await drift.look();
  await assign('mend');
  await report(elsewhere, 'reverted');
  await drift.look();
  expect(await api.database.prisma.deviceDrift.findFirst()).toMatchObject({ fields: ['apn'], mendAt: null });
});

it('is left alone at a site on hold, in a rollout, and while the device is away', async () => {
  await assign('mend');
  const { number } = await target();
  const due = async () => {
    await api.database.prisma.deviceDrift.deleteMany();
    await report(elsewhere);
    await drift.look();
    await makeDue();
  };
  await due();
  await api.call('POST', `/v1/sites/${site}/hold`, { reason: 'technician' });
  expect(await drift.mend()).toBe(1);
  await api.call('DELETE', `/v1/sites/${site}/hold`);
  const rollout = systemIds.uuid();
  await api.database.pool.query(
    `insert into rollout (tenant_id, id, name, kind, selection, settings, created_by) values ('main', $1, 'r', 'policy', '{}', '{}', $1)`,
    [rollout],
  );
  await api.database.prisma.rolloutDevice.create({
    data: { tenantId: 'main', rolloutId: rollout, deviceId: device, wave: 1, state: 'changing' },
  });
  await due();
  expect(await drift.mend()).toBe(1);
  await api.database.prisma.rolloutDevice.deleteMany();
  await api.database.prisma.device.updateMany({ data: { online: false } });
  await due();
  expect(await drift.mend()).toBe(0);
  expect((await target()).number).toBe(number);
});

it('that was mended still belongs to the rollout that gave the target', async () => {
  await assign('mend');
  const rollout = systemIds.uuid();
  await api.database.pool.query(
    `insert into rollout (tenant_id, id, name, kind, selection, settings, created_by) values ('main', $1, 'done', 'policy', '{}', '{}', $1)`,
    [rollout],
  );
  const { epoch, number } = await target();
  await api.database.prisma.rolloutDevice.create({
    data: { tenantId: 'main', rolloutId: rollout, deviceId: device, wave: 1, state: 'succeeded', epoch, number },
  });
  await report(elsewhere);
  await drift.look();
  await makeDue();
  await drift.mend();
  expect(await api.database.prisma.rolloutDevice.findFirst()).toMatchObject({ state: 'succeeded', number: number + 1 });
});
