import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemIds } from '../platform/clock.ts';
import { sealTarget } from '../targets/sealed-target.ts';
import { forgetPresence } from './forget-presence.repository.ts';
import { type ConnectedDevice, createEdgeHarness, type EdgeHarness, hello, telemetry, tenant } from './testing/edge-harness.ts';

let edge: EdgeHarness;
beforeAll(async () => {
  edge = await createEdgeHarness();
});
afterAll(() => edge.close());

const fresh = async (): Promise<ConnectedDevice> => edge.connect(await edge.addDevice());
const acked = (device: ConnectedDevice, through: number) =>
  vi.waitFor(() => expect(device.down).toContainEqual({ channel: 'ack', message: expect.objectContaining({ through }) }), {
    timeout: 5000,
  });
const rowsOf = async ({ id }: { id: string }) =>
  (
    await edge.database.pool.query(
      'select sequence::int, clock, device_time, at, received_at from telemetry where device_id = $1 order by sequence',
      [id],
    )
  ).rows;

describe('who may connect', () => {
  it('refuses a wrong secret, a user name that is not the client id, and an unknown device', async () => {
    const device = await edge.addDevice();
    const other = await edge.addDevice();
    await expect(edge.connect(device, { password: other.secret })).rejects.toMatchObject({ code: 5 });
    await expect(edge.connect(device, { username: other.id, password: other.secret })).rejects.toMatchObject({ code: 5 });
    await expect(edge.connect({ id: '0000000000', secret: 'x' })).rejects.toMatchObject({ code: 5 });
  });

  it('does not let a stranger take over the session of a device', async () => {
    const device = await fresh();
    const other = await edge.addDevice();
    await expect(edge.connect(other, { clientId: device.id })).rejects.toMatchObject({ code: 5 });
    expect(device.client.connected).toBe(true);
  });

  it('cuts the session of a device whose credential is revoked, and lets it in no more', async () => {
    const device = await fresh();
    const closed = new Promise((resolve) => device.client.once('close', () => resolve('closed')));
    await edge.database.pool.query('update device set credential_hash = null where id = $1', [device.id]);
    expect(await closed).toBe('closed');
    await expect(edge.connect(device)).rejects.toMatchObject({ code: 5 });
  });
});

describe('what a device may say and hear', () => {
  it('closes the session of one that publishes below a foreign device, and stores nothing', async () => {
    const device = await fresh();
    const victim = await edge.addDevice();
    const closed = new Promise((resolve) => device.client.once('close', () => resolve('closed')));
    device.client.publish(`towline/v1/${tenant}/${victim.id}/up/telemetry`, JSON.stringify(telemetry({ sequence: 1 })), { qos: 1 });
    expect(await closed).toBe('closed');
    expect(await rowsOf(victim)).toEqual([]);
    expect(await rowsOf(device)).toEqual([]);
  });

  it('refuses a subscription to what goes to others', async () => {
    const device = await fresh();
    const victim = await edge.addDevice();
    for (const filter of [`towline/v1/${tenant}/${victim.id}/down/+`, 'towline/#', '#', `towline/v1/${tenant}/+/down/job`]) {
      await expect(device.client.subscribeAsync(filter, { qos: 1 })).rejects.toThrow();
    }
  });
});

describe('reports', () => {
  it('are acknowledged once committed, and twice or late they change nothing', async () => {
    const device = await fresh();
    await device.say('telemetry', telemetry({ sequence: 2 }));
    await device.say('telemetry', telemetry({ sequence: 1 }));
    await acked(device, 2);
    await device.say('telemetry', telemetry({ sequence: 1 }));
    await device.say('telemetry', telemetry({ sequence: 3 }));
    await acked(device, 3);
    expect((await rowsOf(device)).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('of 1970 and of next year are kept, placed and marked', async () => {
    const device = await fresh();
    const yearMs = 365 * 86_400_000;
    await device.say('telemetry', telemetry({ sequence: 1, sentAt: 60_000 }, { at: [30_000] }));
    const ahead = Date.now() + yearMs;
    await device.say('telemetry', telemetry({ sequence: 2, sentAt: ahead }, { at: [ahead] }));
    await device.say('telemetry', telemetry({ sequence: 3 }, { at: [Date.now() + yearMs] }));
    await acked(device, 3);
    const rows = await rowsOf(device);
    expect(rows.map(({ clock }) => clock)).toEqual(['skewed', 'skewed', 'unplaced']);
    expect(rows[0].device_time.getTime()).toBe(30_000);
    for (const { at, received_at } of rows) expect(Math.abs(at - received_at)).toBeLessThan(40_000);
  });

  it('that are bad go to quarantine with the reason, are answered with a fault, and stop nothing', async () => {
    const device = await fresh();
    await device.say('telemetry', telemetry({ sequence: 1 }, { rsrpDbm: ['loud'] }));
    await device.say('telemetry', 'not json');
    await device.say('event', {
      ...telemetry({ sequence: 2 }),
      events: [{ at: 1, code: 'test.poison', severity: 'info', modem: null, evidence: ['a\u0000b'] }],
    });
    await device.say('telemetry', telemetry({ sequence: 3 }));
    await acked(device, 3);
    const faults = device.down.flatMap(({ message }) => JSON.stringify(message).match(/payload\.[a-z-]+/g) ?? []);
    expect(faults).toEqual(expect.arrayContaining(['payload.invalid', 'payload.refused-by-database']));
    const kept = await edge.database.pool.query('select code from quarantine where device_id = $1 order by id', [device.id]);
    expect(new Set(kept.rows.map(({ code }) => code))).toEqual(
      new Set(['payload.invalid', 'payload.not-json', 'payload.refused-by-database']),
    );
    expect((await rowsOf(device)).map(({ sequence }) => sequence)).toEqual([3]);
  });

  it('that are there already, although their stream was forgotten, are acknowledged and no case for quarantine', async () => {
    const device = await fresh();
    const first = telemetry({ sequence: 1 });
    await device.say('telemetry', first);
    await acked(device, 1);
    await edge.database.pool.query('delete from report_stream where device_id = $1', [device.id]);
    await device.say('telemetry', first);
    await device.say('telemetry', telemetry({ sequence: 2 }));
    await acked(device, 2);
    expect((await rowsOf(device)).map(({ sequence }) => sequence)).toEqual([1, 2]);
    const kept = await edge.database.pool.query('select from quarantine where device_id = $1', [device.id]);
    expect(kept.rowCount).toBe(0);
  });

  it('wait while the database is locked, and nobody is cut off', async () => {
    const device = await fresh();
    const locker = await edge.database.pool.connect();
    await locker.query('begin');
    await locker.query('lock table report_stream in access exclusive mode');
    await device.say('telemetry', telemetry({ sequence: 1 }));
    await device.say('telemetry', telemetry({ sequence: 2 }));
    expect(device.down).toEqual([]);
    await locker.query('rollback');
    locker.release();
    await acked(device, 2);
    expect(device.client.connected).toBe(true);
  });
});

describe('hello', () => {
  it('is answered with its nonce, and makes the device online until its will', async () => {
    const device = await fresh();
    await device.say('hello', hello());
    await vi.waitFor(() =>
      expect(device.down).toContainEqual({
        channel: 'ack',
        message: expect.objectContaining({ epoch: 'abcd1234', through: 0, nonce: 'nonce-0001' }),
      }),
    );
    const online = async () => (await edge.database.prisma.device.findUniqueOrThrow({ where: { id: device.id } })).online;
    await vi.waitFor(async () => expect(await online()).toBe(true));
    await device.say('presence', { connection: 1, online: false });
    await vi.waitFor(async () => expect(await online()).toBe(false));
  });

  it('brings the target and the open jobs that the device lacks', async () => {
    const device = await edge.addDevice();
    const ids = { tenantId: tenant, createdBy: systemIds.uuid() };
    const policyId = systemIds.uuid();
    await edge.database.prisma.apnPolicy.create({ data: { tenantId: tenant, id: policyId, name: policyId } });
    await edge.database.prisma.apnPolicyVersion.create({ data: { ...ids, policyId, version: 1, document: {} } });
    const document = { salt: randomBytes(12).toString('hex'), policy: { id: policyId, version: 1 }, rules: [] };
    const digest = 'a'.repeat(64);
    const target = {
      tenantId: tenant,
      deviceId: device.id,
      epoch: 1,
      number: 4,
      digest,
      policyId,
      policyVersion: 1,
      assignedBy: ids.createdBy,
    };
    await edge.database.prisma.target.create({ data: { ...target, document: sealTarget(document, edge.sealer) } });
    const jobId = systemIds.uuid();
    const order = { kind: 'refresh' };
    await edge.database.prisma.job.create({
      data: { ...ids, id: jobId, deviceId: device.id, order, expiresAt: new Date(Date.now() + 60_000) },
    });
    const connected = await edge.connect(device);
    await connected.say('hello', hello());
    await vi.waitFor(() => {
      expect(connected.down).toContainEqual({ channel: 'target', message: { version: { epoch: 1, number: 4 }, digest, document } });
      expect(connected.down).toContainEqual({ channel: 'job', message: expect.objectContaining({ action: 'start', id: jobId, order }) });
    });
    const again = connected.down.length;
    await connected.say('hello', hello({ nonce: 'nonce-0002', held: { target: { epoch: 1, number: 4 } } }));
    await vi.waitFor(() => expect(connected.down.slice(again).map(({ channel }) => channel)).toContain('ack'));
    await vi.waitFor(async () =>
      expect((await edge.database.prisma.target.findFirstOrThrow({ where: { deviceId: device.id } })).heldAt).not.toBeNull(),
    );
    expect(connected.down.slice(again).map(({ channel }) => channel)).not.toContain('target');
  });
});

describe('a device that takes up an earlier stream again', () => {
  it('is believed: the stream that it greeted with last is its current one', async () => {
    const device = await fresh();
    const state = (epoch: string, sequence: number, uptimeS: number) => ({
      epoch,
      sequence,
      base: 1,
      sentAt: Date.now(),
      held: { target: null },
      target: null,
      modems: [],
      uptimeS,
    });
    const uptime = async () => JSON.stringify((await edge.database.prisma.device.findUniqueOrThrow({ where: { id: device.id } })).reported);
    const lives = [
      { epoch: 'aaaa1111', sequence: 1, uptimeS: 11 },
      { epoch: 'bbbb2222', sequence: 1, uptimeS: 22 },
      { epoch: 'aaaa1111', sequence: 2, uptimeS: 33 },
    ];
    for (const [index, { epoch, sequence, uptimeS }] of lives.entries()) {
      await device.say('hello', hello({ connection: index + 1, nonce: `nonce-100${index}`, stream: { epoch, sequence } }));
      await device.say('state', state(epoch, sequence, uptimeS));
      await vi.waitFor(async () => expect(await uptime()).toContain(`"uptimeS":${uptimeS}`), { timeout: 5000 });
    }
  });
});

describe('after a restart of the embedded broker', () => {
  it('counts as offline whoever was last heard before it, and nobody who came back', async () => {
    const startedMs = Date.now();
    const [gone, back] = [await edge.addDevice(), await edge.addDevice()];
    const setOnline = (id: string, at: number) =>
      edge.database.prisma.device.update({ where: { id }, data: { online: true, lastSeenAt: new Date(at) } });
    await setOnline(gone.id, startedMs - 1000);
    await setOnline(back.id, startedMs + 1000);
    await forgetPresence(edge.database.pool, startedMs, new AbortController().signal);
    const online = await edge.database.prisma.device.findMany({
      where: { id: { in: [gone.id, back.id] }, online: true },
      select: { id: true },
    });
    expect(online).toEqual([{ id: back.id }]);
  });
});
