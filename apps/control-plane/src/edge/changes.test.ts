import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Broker } from '../broker/broker.ts';
import { startMosquitto } from '../broker/outside/testing/mosquitto.ts';
import { systemIds } from '../platform/clock.ts';
import { sealTarget } from '../targets/sealed-target.ts';
import { type ConnectedDevice, createEdgeHarness, type EdgeHarness, hello, tenant } from './testing/edge-harness.ts';

const digest = 'a'.repeat(64);
const bearer = { requestedApn: 'fleet.north', apn: 'fleet.north', ipType: 'ipv4', dataMode: 'ecm', addresses: [] };
const profile = { apn: 'fleet.north', ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true } as const;

const announceOf = (nonce: string, fields: object = {}) => ({
  transaction: 'change-1',
  nonce,
  version: { epoch: 1, number: 2 },
  digest,
  modem: 'modem0',
  iccid: '8988',
  profileRef: 'p@1',
  bearer,
  pinned: true,
  ...fields,
});

/** While it dies, a confirm is never sent, and the transaction that took it out of the outbox does not end. */
const dying = { now: false };

/** The broker itself, but for confirms in an edge that dies. */
function mortal(broker: Broker): Broker {
  return {
    changeSessions: broker.changeSessions,
    start: (receiver) => broker.start(receiver),
    ready: () => broker.ready(),
    publish(address, channel, payload) {
      if (dying.now && channel === 'confirm') throw new TypeError('killed');
      return broker.publish(address, channel, payload);
    },
    mayHear: (address, channel) => broker.mayHear(address, channel),
    sessions: () => broker.sessions(),
    disconnect: (device) => broker.disconnect(device),
    cutRevoked: () => broker.cutRevoked(),
    stop: () => broker.stop(),
  };
}

async function overMosquitto(): Promise<EdgeHarness> {
  const mosquitto = await startMosquitto();
  const edge = await createEdgeHarness({ outside: mosquitto, around: mortal });
  const close = edge.close.bind(edge);
  return Object.assign(edge, {
    async close() {
      await close();
      await mosquitto.stop();
    },
  });
}

describe.each([
  ['the embedded broker', () => createEdgeHarness({ around: mortal })],
  ['Mosquitto', overMosquitto],
])('a change that a device announces over %s', (_, begin) => {
  let edge: EdgeHarness;
  beforeAll(async () => {
    edge = await begin();
  }, 120_000);
  afterAll(() => edge.close());

  async function withTarget(): Promise<ConnectedDevice> {
    const device = await edge.connect(await edge.addDevice());
    const [policyId, createdBy] = [systemIds.uuid(), systemIds.uuid()];
    const { prisma } = edge.database;
    await prisma.apnPolicy.create({ data: { tenantId: tenant, id: policyId, name: policyId } });
    await prisma.apnPolicyVersion.create({ data: { tenantId: tenant, policyId, version: 1, document: {}, createdBy } });
    const rules = [{ name: 'north', level: 'fleet', when: {}, profileRef: 'p@1', profile } as const];
    const document = sealTarget({ salt: 'salt-salt-salt-salt', policy: { id: policyId, version: 1 }, rules }, edge.sealer);
    const version = { epoch: 1, number: 2, digest, policyId, policyVersion: 1, assignedBy: createdBy };
    await prisma.target.create({ data: { tenantId: tenant, deviceId: device.id, ...version, document } });
    return device;
  }

  const targetOf = ({ id }: ConnectedDevice) => edge.database.prisma.target.findFirstOrThrow({ where: { deviceId: id } });
  const confirmsIn = ({ down }: ConnectedDevice) => down.filter(({ channel }) => channel === 'confirm').map(({ message }) => message);
  const confirmed = (session: ConnectedDevice, nonce: string, transaction = 'change-1') =>
    vi.waitFor(() => expect(confirmsIn(session)).toContainEqual({ transaction, nonce, digest }), { timeout: 5000 });
  const eventsOf = async ({ id }: ConnectedDevice) => {
    const events = await edge.database.prisma.event.findMany({ where: { deviceId: id }, orderBy: { id: 'asc' } });
    return events.map(({ code, evidence }) => ({ code, evidence }));
  };
  const answered = async (result: string) => {
    const counted = await edge.metrics.getSingleMetric('towline_ingest_announces_total')?.get();
    return counted?.values.find(({ labels }) => labels.result === result)?.value ?? 0;
  };
  const refused = async (code: string, before: number) =>
    vi.waitFor(async () => expect(await answered(code)).toBe(before + 1), { timeout: 5000 });

  it('is one that the device was told of: the answer to its hello says that changes are confirmed', async () => {
    const device = await withTarget();
    await device.say('hello', hello());
    const welcome = expect.objectContaining({ nonce: 'nonce-0001', confirms: true });
    await vi.waitFor(() => expect(device.down).toContainEqual({ channel: 'ack', message: welcome }), { timeout: 5000 });
  });

  it('is confirmed on the session of its changes, and on no other', async () => {
    const device = await withTarget();
    const session = await edge.connectForChanges(device);
    await session.say('announce', announceOf('nonce-one'));
    await confirmed(session, 'nonce-one');
    expect(confirmsIn(device)).toEqual([]);
    expect(await targetOf(device)).toMatchObject({ change: 'change-1' });
  });

  it('makes the device neither online nor seen', async () => {
    const device = await withTarget();
    const session = await edge.connectForChanges(device);
    await session.say('announce', announceOf('nonce-one'));
    await confirmed(session, 'nonce-one');
    const stored = await edge.database.prisma.device.findUniqueOrThrow({ where: { id: device.id } });
    expect(stored).toMatchObject({ online: false, lastSeenAt: null });
  });

  it('gets the same answer when it is asked again, to the nonce of the last time, and keeps the time of the first', async () => {
    const device = await withTarget();
    const session = await edge.connectForChanges(device);
    await session.say('announce', announceOf('nonce-one'));
    await confirmed(session, 'nonce-one');
    const { confirmedAt, announcedAt } = await targetOf(device);
    // Meanwhile its bearer reads another way: what was said stays said.
    await session.say('announce', announceOf('nonce-two', { bearer: { ...bearer, apn: 'another' } }));
    await confirmed(session, 'nonce-two');
    expect(await targetOf(device)).toMatchObject({ confirmedAt, announcedAt });
  });

  it('of a target that has been replaced is not confirmed; the device gets the one that holds, and nobody is alarmed', async () => {
    const device = await withTarget();
    const session = await edge.connectForChanges(device);
    const before = await answered('announce.superseded');
    await session.say('announce', announceOf('nonce-old', { version: { epoch: 1, number: 1 } }));
    await vi.waitFor(() => expect(device.down.map(({ channel }) => channel)).toContain('target'), { timeout: 5000 });
    await refused('announce.superseded', before);
    expect(confirmsIn(session)).toEqual([]);
    expect(await targetOf(device)).toMatchObject({ change: null, confirmedAt: null, heldAt: null });
    expect(await eventsOf(device)).toEqual([]);
  });

  it('of another document under the same number is not confirmed, and the target is not held', async () => {
    const device = await withTarget();
    const session = await edge.connectForChanges(device);
    const before = await answered('announce.other-document');
    await session.say('announce', announceOf('nonce-bad', { digest: 'b'.repeat(64) }));
    await refused('announce.other-document', before);
    expect(await targetOf(device)).toMatchObject({ change: null, heldAt: null });
    await vi.waitFor(async () => expect(await eventsOf(device)).toEqual([{ code: 'announce.other-document', evidence: ['change-1'] }]));
    await session.say('announce', announceOf('nonce-good'));
    await confirmed(session, 'nonce-good');
    expect(confirmsIn(session)).toHaveLength(1);
    expect((await targetOf(device)).heldAt).not.toBeNull();
  });

  it('of a bearer that is another than the profile asks for waits, and is news once', async () => {
    const device = await withTarget();
    const session = await edge.connectForChanges(device);
    const wrong = { bearer: { ...bearer, apn: 'fleet.south' } };
    for (const nonce of ['nonce-one', 'nonce-two', 'nonce-three']) {
      const before = await answered('announce.bearer-differs');
      await session.say('announce', announceOf(nonce, wrong));
      await refused('announce.bearer-differs', before);
    }
    const { change, confirmedAt, announcedAt } = await targetOf(device);
    expect({ change, confirmedAt }).toEqual({ change: 'change-1', confirmedAt: null });
    const evidence = ['change-1', 'apn: wanted fleet.north, read back fleet.south'];
    await vi.waitFor(async () => expect(await eventsOf(device)).toEqual([{ code: 'announce.bearer-differs', evidence }]));
    await session.say('announce', announceOf('nonce-four'));
    await confirmed(session, 'nonce-four');
    expect(await targetOf(device)).toMatchObject({ announcedAt });
    expect(confirmsIn(session)).toHaveLength(1);
  });

  it('for the second modem of a device is confirmed too, and one that is refused takes nothing back', async () => {
    const device = await withTarget();
    const session = await edge.connectForChanges(device);
    await session.say('announce', announceOf('nonce-one'));
    await confirmed(session, 'nonce-one');
    const before = await answered('announce.unknown-profile');
    await session.say('announce', announceOf('nonce-two', { transaction: 'change-2', modem: 'modem1', profileRef: 'p@9' }));
    await refused('announce.unknown-profile', before);
    expect(await targetOf(device)).toMatchObject({ change: 'change-1', confirmedAt: expect.any(Date) });
    await session.say('announce', announceOf('nonce-three', { transaction: 'change-2', modem: 'modem1' }));
    await confirmed(session, 'nonce-three', 'change-2');
  });

  it('is confirmed although the edge was killed between the commit and the answer, once the device asks again', async () => {
    const device = await withTarget();
    const session = await edge.connectForChanges(device);
    dying.now = true;
    await session.say('announce', announceOf('nonce-lost'));
    const { confirmedAt } = await vi.waitFor(async () => {
      const target = await targetOf(device);
      expect(target.confirmedAt).not.toBeNull();
      return target;
    });
    const left = () => edge.database.prisma.outbox.count({ where: { deviceId: device.id, channel: 'confirm' } });
    expect(await left()).toBe(1);
    await session.client.endAsync(true);
    await edge.restartEdge();
    dying.now = false;
    expect(confirmsIn(session)).toEqual([]);
    const again = await vi.waitFor(() => edge.connectForChanges(device), { timeout: 5000 });
    await vi.waitFor(
      async () => {
        await again.say('announce', announceOf('nonce-again'));
        expect(confirmsIn(again)).toContainEqual({ transaction: 'change-1', nonce: 'nonce-again', digest });
      },
      { timeout: 10_000, interval: 500 },
    );
    expect(await targetOf(device)).toMatchObject({ confirmedAt });
    await vi.waitFor(async () => expect(await left()).toBe(0), { timeout: 10_000 });
  });

  it('after which another target came is not confirmed by an old announce that is played again', async () => {
    const device = await withTarget();
    const session = await edge.connectForChanges(device);
    await session.say('announce', announceOf('nonce-one'));
    await confirmed(session, 'nonce-one');
    const replaced = { number: 3, digest: 'c'.repeat(64), change: null, changeNonce: null, announcedAt: null, confirmedAt: null };
    await edge.database.prisma.target.updateMany({ where: { deviceId: device.id }, data: { ...replaced, heldAt: null } });
    const before = await answered('announce.superseded');
    await session.say('announce', announceOf('nonce-one'));
    await refused('announce.superseded', before);
    expect(confirmsIn(session)).toHaveLength(1);
    expect(await targetOf(device)).toMatchObject({ change: null, confirmedAt: null });
  });

  it('in the name of another device is neither taken nor counted as its own', async () => {
    const [device, victim] = [await withTarget(), await withTarget()];
    const session = await edge.connectForChanges(device);
    session.client.on('error', () => undefined);
    const foreign = `towline/v1/${tenant}/${victim.id}~change/up/announce`;
    session.client.publish(foreign, JSON.stringify(announceOf('nonce-one')), { qos: 1 });
    device.client.publish(foreign, JSON.stringify(announceOf('nonce-one')), { qos: 1 });
    const own = await edge.connectForChanges(victim);
    await victim.say('hello', hello());
    await vi.waitFor(() => expect(JSON.stringify(victim.down)).toContain('nonce-0001'));
    expect(await targetOf(victim)).toMatchObject({ change: null, confirmedAt: null });
    expect(confirmsIn(own)).toEqual([]);
  });
});
