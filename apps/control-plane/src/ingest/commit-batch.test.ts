import { silentLog } from '@towline/kit';
import type { JobReport, StateReport, TargetVersion } from '@towline/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemIds } from '../platform/clock.ts';
import { inPipelinedTransaction, openPool, type SqlPool } from '../platform/database.ts';
import { createTestDatabase, type TestDatabase } from '../platform/testing/test-database.ts';
import { type BatchOutcome, commitBatch } from './commit-batch.ts';
import type { ReadMessage } from './read-message.ts';

let database: TestDatabase;
let pipelined: SqlPool;
let device: string;
let made = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  pipelined = openPool({ url: database.url, applicationName: 'towline-ingest', connections: 1, log: silentLog, pipeline: true });
  await database.prisma.tenant.create({ data: { id: 'main', name: 'main' } });
});
afterAll(async () => {
  await pipelined.end();
  await database.close();
});
beforeEach(async () => {
  made += 1;
  device = String(made).padStart(10, '0');
  await database.prisma.device.create({ data: { tenantId: 'main', id: device, name: device, tags: [] } });
});

const receivedAt = Date.UTC(2026, 10, 21, 12);
const address = () => ({ tenant: 'main', device });
const envelope = { epoch: 'aaaaaaaa', sequence: 1, base: 1, sentAt: receivedAt };
const options = { retentionMs: 86_400_000, isTouchDue: () => true, isResendDue: () => true, recall: () => null };
const commit = (messages: ReadMessage[]): Promise<BatchOutcome> =>
  inPipelinedTransaction(pipelined, (client, later) => commitBatch({ client, later }, messages, options));

function state(fields: Partial<StateReport>): ReadMessage {
  const report = { ...envelope, held: { target: null }, target: null, uptimeS: 1, modems: [], ...fields };
  return { kind: 'state', address: address(), receivedAt, report };
}
const heardAt = (rssiDbm: number): StateReport['modems'][number] => ({
  id: 'modem0',
  model: null,
  product: null,
  imei: null,
  firmware: null,
  connection: 'registered',
  sim: null,
  registration: null,
  signal: { rssiDbm, rsrpDbm: null, rsrqDb: null, sinrDb: null },
  bearer: null,
  profileRef: null,
  rule: null,
  fault: null,
});
function hello(fields: { connection?: number; boardSerial?: string; held?: TargetVersion; epoch?: string } = {}): ReadMessage {
  const { connection = 1, boardSerial = 'B1', held = null, epoch = 'aaaaaaaa' } = fields;
  const fingerprint = { boardSerial, imeis: [] };
  const stream = { epoch, sequence: 0 };
  const said = { protocol: 1, agent: '1', boot: 'b', connection, nonce: 'nonce-01', held: { target: held }, stream, fingerprint } as const;
  return { kind: 'hello', address: address(), receivedAt, hello: said };
}
const held = (version: TargetVersion, digest: string): ReadMessage => ({
  kind: 'held',
  address: address(),
  receivedAt,
  held: { version, digest },
});
const stored = () => database.prisma.device.findUniqueOrThrow({ where: { id: device } });

describe('the state of a device', () => {
  it('is the newest of its stream, whatever came in between', async () => {
    await commit([state({ sequence: 2, uptimeS: 20 }), state({ sequence: 3, uptimeS: 30 })]);
    await commit([state({ sequence: 1, uptimeS: 10 })]);
    expect(await stored()).toMatchObject({ reportedSequence: 3n, reported: { uptimeS: 30 } });
  });

  it('is that of the stream which began later, even when the old one speaks again', async () => {
    await commit([state({ sequence: 900, uptimeS: 900 })]);
    await commit([state({ epoch: 'bbbbbbbb', sequence: 1, uptimeS: 1 })]);
    await commit([state({ sequence: 901, uptimeS: 901 })]);
    expect(await stored()).toMatchObject({ reportedEpoch: 'bbbbbbbb', reported: { uptimeS: 1 } });
  });
});

describe('when a device was last seen', () => {
  const later = receivedAt + 1000;
  const countSql = `select pg_stat_get_xact_tuples_updated('device'::regclass)::int as written,
                           pg_stat_get_xact_tuples_hot_updated('device'::regclass)::int as "withoutIndex"`;
  /** A batch of one state, some time after the first. @returns rows of devices that it wrote, and how many of them without any index */
  function tell(isTouchDue: () => boolean, rssiDbm = -80) {
    const message: ReadMessage = { ...state({ sequence: 2, uptimeS: 2, modems: [heardAt(rssiDbm)] }), receivedAt: later };
    return inPipelinedTransaction(pipelined, async (client, laterOn) => {
      const count = async () => (await client.query<{ written: number; withoutIndex: number }>(countSql)).rows[0];
      const before = await count();
      const { touched } = await commitBatch({ client, later: laterOn }, [message], { ...options, isTouchDue });
      const after = await count();
      const more = (name: 'written' | 'withoutIndex') => (after?.[name] ?? 0) - (before?.[name] ?? 0);
      return { touched: touched.length, written: more('written'), withoutIndex: more('withoutIndex') };
    });
  }
  beforeEach(() => commit([state({ modems: [heardAt(-80)] })]));

  it('is written with its state, and not once more', async () => {
    expect(await tell(() => true)).toEqual({ touched: 1, written: 1, withoutIndex: 0 });
    expect((await stored()).lastSeenAt).toEqual(new Date(later));
  });

  it('is left as it is while it is young enough, a signal that fades a little too: a state then touches no index', async () => {
    expect(await tell(() => false, -85)).toEqual({ touched: 0, written: 1, withoutIndex: 1 });
    const left = { lastSeenAt: new Date(receivedAt), signalDbm: -80 };
    expect(await stored()).toMatchObject({ ...left, reportedAt: new Date(later), reported: { uptimeS: 2 } });
  });

  it.each([
    ['that is another', () => false, -86],
    ['with the time', () => true, -81],
  ])('brings the signal along, and a signal %s is written', async (_, isTouchDue, rssiDbm) => {
    await tell(isTouchDue, rssiDbm);
    expect((await stored()).signalDbm).toBe(rssiDbm);
  });
});

describe('who is heard', () => {
  it('is nobody who is not a device of this tenant', async () => {
    const stranger = { ...state({}), address: { tenant: 'other', device } };
    const outcome = await commit([stranger]);
    expect(outcome).toMatchObject({ acks: [], counts: { unknown: 1, committed: 0 } });
    expect((await stored()).reported).toBeNull();
  });

  it('is a device of a tenant that goes by what Postgres takes for nothing', async () => {
    await database.prisma.tenant.create({ data: { id: 'null', name: 'null' } });
    await database.prisma.device.update({ where: { id: device }, data: { tenantId: 'null' } });
    const report = { ...envelope, modem: 'modem0', at: [receivedAt], rssiDbm: [-80] };
    const outcome = await commit([{ kind: 'telemetry', address: { tenant: 'null', device }, receivedAt, report }]);
    expect(outcome).toMatchObject({ acks: [{ ack: { through: 1 } }], counts: { committed: 1 }, samples: 1 });
    const { rowCount } = await database.pool.query(`select from telemetry where tenant_id = 'null' and device_id = $1`, [device]);
    expect(rowCount).toBe(1);
  });

  it('is a clone when two boards take turns', async () => {
    for (const [index, boardSerial] of ['B1', 'B2', 'B1'].entries()) await commit([hello({ connection: index + 1, boardSerial })]);
    expect((await stored()).cloneSuspectedAt).not.toBeNull();
    const events = await database.prisma.event.findMany({ where: { deviceId: device } });
    expect(events.map(({ code }) => code)).toEqual(['device.clone-suspected']);
  });
});

describe('a target', () => {
  const version = { epoch: 1, number: 2 };
  beforeEach(async () => {
    const [policyId, createdBy] = [systemIds.uuid(), systemIds.uuid()];
    await database.prisma.apnPolicy.create({ data: { tenantId: 'main', id: policyId, name: policyId } });
    await database.prisma.apnPolicyVersion.create({ data: { tenantId: 'main', policyId, version: 1, document: {}, createdBy } });
    const target = { tenantId: 'main', deviceId: device, ...version, digest: 'd', document: {}, policyId, policyVersion: 1 };
    await database.prisma.target.create({ data: { ...target, assignedBy: createdBy } });
  });
  const target = () => database.prisma.target.findFirstOrThrow({ where: { deviceId: device } });
  const notes = () => database.prisma.outbox.count({ where: { deviceId: device } });

  it('is sent again to a device that says it holds less', async () => {
    await commit([state({ held: { target: { epoch: 1, number: 1 } } })]);
    expect(await notes()).toBe(1);
    expect((await target()).heldAt).toBeNull();
  });

  it('is held once its device says that it has this very document, before anything comes of it', async () => {
    await commit([held(version, 'other')]);
    expect((await target()).heldAt).toBeNull();
    await commit([held(version, 'd')]);
    expect(await target()).toMatchObject({ heldAt: expect.any(Date), status: null });
    expect(await notes()).toBe(0);
  });

  it('is withheld no longer once its device says that it has it', async () => {
    await database.prisma.target.updateMany({ where: { deviceId: device }, data: { withheld: true } });
    await commit([hello({ held: { epoch: 2, number: 1 } })]);
    expect(await target()).toMatchObject({ status: 'overtaken', withheld: true });
    await commit([held(version, 'd')]);
    expect(await target()).toMatchObject({ heldAt: expect.any(Date), withheld: false });
  });

  it('is sent to a device that says it has taken the one before, and stands as its state says where both come together', async () => {
    await commit([held({ epoch: 1, number: 1 }, 'c')]);
    expect(await notes()).toBe(1);
    const said = { held: { target: version }, target: { version, digest: 'd', status: 'applied' as const } };
    await commit([state(said), held(version, 'd')]);
    expect(await target()).toMatchObject({ heldAt: expect.any(Date), status: 'applied' });
  });

  it('is held where its device says so right after a state of the one before', async () => {
    await commit([state({ held: { target: { epoch: 1, number: 1 } } }), held(version, 'd')]);
    expect(await target()).toMatchObject({ heldAt: expect.any(Date), status: null });
    expect(await notes()).toBe(0);
  });

  it('is held, and stands where the device says of this very document', async () => {
    await commit([hello({ held: version })]);
    expect((await target()).heldAt).not.toBeNull();
    await commit([state({ held: { target: version }, target: { version, digest: 'd', status: 'applied' } })]);
    expect(await target()).toMatchObject({ status: 'applied' });
    expect(await notes()).toBe(0);
  });

  it.each([
    ['a later one', { epoch: 1, number: 3 }, 'd'],
    ['one of a later life of the database', { epoch: 2, number: 1 }, 'd'],
    ['another document under its number', version, 'other'],
  ])('is overtaken where the device holds %s, which this database never gave', async (_, held, digest) => {
    await commit([hello({ held: version })]);
    await commit([state({ held: { target: held }, target: { version: held, digest, status: 'applied' } })]);
    expect(await target()).toMatchObject({ status: 'overtaken', heldAt: null, statusDetail: { overtakenBy: held } });
    expect(await notes()).toBe(0);
    await commit([state({ sequence: 2, held: { target: version }, target: { version, digest: 'd', status: 'applied' } })]);
    expect(await target()).toMatchObject({ status: 'applied', statusDetail: null });
  });

  it('stands where the newest state says, although an older one comes in after it', async () => {
    const said = (status: 'applying' | 'reverted') => ({ held: { target: version }, target: { version, digest: 'd', status } });
    await commit([state({ sequence: 3, ...said('reverted') })]);
    await commit([state({ sequence: 2, ...said('applying') })]);
    expect(await target()).toMatchObject({ status: 'reverted' });
    await commit([state({ sequence: 1, held: { target: null } })]);
    expect(await notes()).toBe(0);
  });

  it('shows the change that is under way, why it was given up, and when it is tried again', async () => {
    const said = { version, digest: 'd' };
    const change = { transaction: 'change-1', phase: 'announcing', reach: 'witnessed' } as const;
    await commit([state({ held: { target: version }, target: { ...said, status: 'applying', change } })]);
    expect(await target()).toMatchObject({ status: 'applying', statusDetail: { change, fault: null } });
    const { statusAt } = await target();
    const proven = { ...change, reach: 'proven' } as const;
    await commit([state({ sequence: 2, held: { target: version }, target: { ...said, status: 'applying', change: proven } })]);
    expect(await target()).toMatchObject({ statusAt, statusDetail: { change: proven } });
    const fault = { code: 'apn.not-subscribed', evidence: ['+CME ERROR: 33'] };
    await commit([state({ sequence: 3, held: { target: version }, target: { ...said, status: 'reverted', fault } })]);
    expect(await target()).toMatchObject({ status: 'reverted', statusDetail: { change: null, fault } });
    const pause = { triesLeft: 2, until: 1_795_272_013_000 };
    await commit([state({ sequence: 4, held: { target: version }, target: { ...said, status: 'applying', fault, pause } })]);
    expect(await target()).toMatchObject({ status: 'applying', statusDetail: { change: null, fault, pause } });
    await commit([state({ sequence: 5, held: { target: version }, target: { ...said, status: 'applied' } })]);
    expect(await target()).toMatchObject({ status: 'applied', statusDetail: null });
  });
});

describe('a job', () => {
  const report = (id: string, fields: Partial<JobReport>): ReadMessage => ({
    kind: 'job',
    address: address(),
    receivedAt,
    report: { ...envelope, id, state: 'running', progress: 0, fault: null, result: null, ...fields },
  });
  async function makeJob(deviceId: string): Promise<string> {
    const job = { tenantId: 'main', id: systemIds.uuid(), deviceId, order: { kind: 'refresh' }, createdBy: systemIds.uuid() };
    return (await database.prisma.job.create({ data: { ...job, expiresAt: new Date(receivedAt) } })).id;
  }
  const job = (id: string) => database.prisma.job.findFirstOrThrow({ where: { id } });

  it('goes forward only, and not on after its end', async () => {
    const id = await makeJob(device);
    await commit([report(id, { state: 'running', progress: 40 }), report(id, { sequence: 2, state: 'accepted' })]);
    expect(await job(id)).toMatchObject({ state: 'running', progress: 40 });
    await commit([report(id, { sequence: 3, state: 'succeeded', progress: 100, result: { ok: true } })]);
    await commit([report(id, { sequence: 4, state: 'failed' })]);
    expect(await job(id)).toMatchObject({ state: 'succeeded', progress: 100, result: { ok: true } });
  });

  it('that its device repeats the end of, without having taken it from here, is noted as remembered', async () => {
    const [given, taken] = [await makeJob(device), await makeJob(device)];
    const end = { state: 'succeeded', progress: 100, repeated: true } as const;
    await commit([report(taken, {}), report(taken, { sequence: 2, ...end }), report(given, { sequence: 3, ...end })]);
    expect([await job(given), await job(taken)]).toMatchObject([
      { state: 'succeeded', remembered: true },
      { state: 'succeeded', remembered: false },
    ]);
  });

  it('of another tenant that has the same id stays as it is', async () => {
    const id = await makeJob(device);
    await database.prisma.tenant.create({ data: { id: 'other', name: 'other' } });
    await database.prisma.device.create({ data: { tenantId: 'other', id: 'elsewhere0', name: 'elsewhere', tags: [] } });
    const own = await job(id);
    await database.prisma.job.create({
      data: { ...own, tenantId: 'other', deviceId: 'elsewhere0', order: { kind: 'refresh' }, result: {}, fault: {} },
    });
    await commit([report(id, { state: 'succeeded', progress: 100 })]);
    const jobs = await database.prisma.job.findMany({ where: { id }, orderBy: { tenantId: 'asc' } });
    expect(jobs).toMatchObject([{ state: 'succeeded' }, { tenantId: 'other', state: 'queued' }]);
  });

  it('of another device is none of its business', async () => {
    const other = device;
    const id = await makeJob(other);
    made += 1;
    device = String(made).padStart(10, '0');
    await database.prisma.device.create({ data: { tenantId: 'main', id: device, name: device, tags: [] } });
    const { acks } = await commit([report(id, { state: 'succeeded' })]);
    expect(await job(id)).toMatchObject({ state: 'queued' });
    expect(acks).toEqual([{ address: { tenant: 'main', device }, ack: { epoch: 'aaaaaaaa', through: 1 } }]);
  });
});

it('a batch whose telemetry Postgres refuses says so, although what came after it failed too', async () => {
  const at = [receivedAt];
  const poison: ReadMessage = {
    kind: 'telemetry',
    address: address(),
    receivedAt,
    report: { ...envelope, modem: 'a\u0000b', at },
  };
  await expect(commit([poison, hello()])).rejects.toMatchObject({ code: '22021' });
  expect((await commit([hello()])).acks).toHaveLength(1);
});

it('a batch that is run again after a lost answer stores nothing twice and answers the same', async () => {
  const messages = [hello(), state({}), state({ sequence: 2 })];
  const first = await commit(messages);
  const again = await commit(messages);
  expect(again.acks).toEqual(first.acks);
  expect([first.counts, again.counts]).toMatchObject([{ committed: 2 }, { committed: 0, duplicates: 2 }]);
});

it('a device that begins stream after stream leaves only the newest few behind', async () => {
  for (let index = 0; index < 12; index += 1) await commit([hello({ epoch: `epoch${String(index).padStart(3, '0')}` })]);
  const streams = await database.prisma.reportStream.findMany({ where: { deviceId: device }, orderBy: { epoch: 'asc' } });
  expect(streams).toHaveLength(8);
  expect(streams.at(-1)?.epoch).toBe('epoch011');
});

describe('an endpoint of the tenant', () => {
  it('is told of a device that went back, in the same transaction, and once however often that is reported', async () => {
    const endpoint = { tenantId: 'main', url: 'https://hooks.example.net', description: '', secret: 's', createdBy: systemIds.uuid() };
    await database.prisma.webhookEndpoint.create({ data: { ...endpoint, id: systemIds.uuid(), types: ['device.reverted'] } });
    const event = (sequence: number, code: string): ReadMessage => {
      const events = [{ code, severity: 'error' as const, modem: null, evidence: [], at: receivedAt }];
      return { kind: 'event', address: address(), receivedAt, report: { ...envelope, sequence, events } };
    };
    await commit([event(1, 'change.reverted'), event(2, 'modem.absent')]);
    await commit([event(1, 'change.reverted')]);
    const deliveries = await database.prisma.webhookDelivery.findMany();
    expect(deliveries).toMatchObject([{ type: 'device.reverted', body: { subject: device, data: { code: 'change.reverted' } } }]);
  });
});
