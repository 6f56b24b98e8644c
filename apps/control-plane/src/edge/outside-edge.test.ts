import { Fault, silentLog } from '@towline/kit';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OutsideBroker } from '../broker/outside/outside-broker.ts';
import { startMosquitto, type TestMosquitto } from '../broker/outside/testing/mosquitto.ts';
import { systemClock, systemRandom } from '../platform/clock.ts';
import { Lease } from '../platform/leases.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { type ConnectedDevice, createEdgeHarness, type EdgeHarness, hello, telemetry, tenant } from './testing/edge-harness.ts';

let mosquitto: TestMosquitto;
let edge: EdgeHarness;
beforeAll(async () => {
  mosquitto = await startMosquitto();
  edge = await createEdgeHarness({ outside: mosquitto });
}, 120_000);
afterAll(async () => {
  await edge.close();
  await mosquitto.stop();
});

const fresh = async (): Promise<ConnectedDevice> => edge.connect(await edge.addDevice());
const acked = (device: ConnectedDevice, through: number) =>
  vi.waitFor(() => expect(device.down).toContainEqual({ channel: 'ack', message: expect.objectContaining({ through }) }), {
    timeout: 5000,
  });
const sequencesOf = async ({ id }: { id: string }) => {
  const { rows } = await edge.database.pool.query('select sequence::int from telemetry where device_id = $1 order by sequence', [id]);
  return rows.map(({ sequence }) => sequence);
};

describe('a fleet at Mosquitto', () => {
  it('is heard, and answered after the commit', async () => {
    const device = await fresh();
    await device.say('hello', hello());
    await vi.waitFor(() => expect(JSON.stringify(device.down)).toContain('nonce-0001'));
    await device.say('telemetry', telemetry({ sequence: 1 }));
    await device.say('telemetry', telemetry({ sequence: 2 }));
    await device.say('telemetry', telemetry({ sequence: 2 }));
    await acked(device, 2);
    expect(await sequencesOf(device)).toEqual([1, 2]);
  });

  it('has accounts that bind secret, user name and client id', async () => {
    const [device, other] = [await edge.addDevice(), await edge.addDevice()];
    await expect(edge.connect(device, { password: other.secret })).rejects.toMatchObject({ code: 5 });
    await expect(edge.connect(other, { clientId: device.id })).rejects.toMatchObject({ code: 5 });
    await expect(edge.connect({ id: '0000000000', secret: 'x' })).rejects.toMatchObject({ code: 5 });
  });

  it('neither speaks for others nor hears what goes to them', async () => {
    const [device, victim] = [await fresh(), await fresh()];
    await device.client.subscribeAsync(['#', `towline/v1/${tenant}/${victim.id}/down/+`], { qos: 1 });
    await device.client.publishAsync(`towline/v1/${tenant}/${victim.id}/up/telemetry`, JSON.stringify(telemetry({ sequence: 1 })), {
      qos: 1,
    });
    await device.client.publishAsync('$CONTROL/dynamic-security/v1', JSON.stringify({ commands: [{ command: 'listClients' }] }), {
      qos: 1,
    });
    await device.client.publishAsync(`towline/v1/other/${device.id}/up/telemetry`, JSON.stringify(telemetry({ sequence: 1 })), { qos: 1 });
    await victim.say('telemetry', telemetry({ sequence: 5, base: 5 }));
    await acked(victim, 5);
    await device.say('telemetry', telemetry({ sequence: 7, base: 7 }));
    await acked(device, 7);
    expect(await sequencesOf(victim)).toEqual([5]);
    expect(await sequencesOf(device)).toEqual([7]);
    // Its own, each perhaps twice as the subscriptions overlap, and nothing of the victim's.
    expect(new Set(device.down.map(({ message }) => JSON.stringify(message)))).toEqual(
      new Set([JSON.stringify({ epoch: 'abcd1234', through: 7 })]),
    );
  });

  it('leaves no will in the name of another', async () => {
    const [device, victim] = [await edge.addDevice(), await fresh()];
    const connection = 1;
    await victim.say('hello', hello({ connection }));
    const will = {
      topic: `towline/v1/${tenant}/${victim.id}/up/presence`,
      payload: Buffer.from(JSON.stringify({ connection, online: false })),
      qos: 1 as const,
    };
    const options = { clientId: device.id, username: device.id, password: device.secret, protocolVersion: 4 as const, reconnectPeriod: 0 };
    const dying = await connectAsync(`mqtt://127.0.0.1:${edge.port}`, { ...options, will }, false);
    dying.stream.destroy();
    await victim.say('telemetry', telemetry({ sequence: 1 }));
    await acked(victim, 1);
    expect(await edge.database.prisma.device.findUniqueOrThrow({ where: { id: victim.id } })).toMatchObject({ online: true });
  });

  it('loses the account and the session of a device whose credential is revoked', async () => {
    const device = await fresh();
    const closed = new Promise((resolve) => device.client.once('close', () => resolve('closed')));
    await edge.database.pool.query('update device set credential_hash = null where id = $1', [device.id]);
    expect(await closed).toBe('closed');
    await expect(edge.connect(device)).rejects.toMatchObject({ code: 5 });
  });

  it('brings everything home although Mosquitto is killed in between', async () => {
    const reports = Array.from({ length: 20 }, (_, index) => index + 1);
    const sessions = await Promise.all(reports.slice(0, 5).map(fresh));
    const send = ({ id, client }: ConnectedDevice, sequences: readonly number[]) => {
      for (const sequence of sequences)
        client.publish(`towline/v1/${tenant}/${id}/up/telemetry`, JSON.stringify(telemetry({ sequence })), { qos: 1 });
    };
    for (const session of sessions) send(session, reports.slice(0, 10));
    await Promise.all(sessions.map((session) => acked(session, 10)));
    for (const session of sessions) send(session, reports.slice(10));
    await mosquitto.kill();
    await mosquitto.start();
    await Promise.all(
      sessions.map(async (before) => {
        const session = await edge.connect(before);
        await vi.waitFor(
          () => {
            send(session, reports.slice(10));
            expect(session.down).toContainEqual({ channel: 'ack', message: { epoch: 'abcd1234', through: 20 } });
          },
          { timeout: 15_000, interval: 200 },
        );
        expect(await sequencesOf(session)).toEqual(reports);
      }),
    );
  });

  it('goes on after Mosquitto was killed, with its accounts, and loses those that were revoked meanwhile', async () => {
    const [device, revoked] = [await fresh(), await edge.addDevice()];
    await device.say('telemetry', telemetry({ sequence: 1 }));
    await acked(device, 1);
    await mosquitto.kill();
    await edge.database.pool.query('update device set credential_hash = null where id = $1', [revoked.id]);
    await mosquitto.start();
    const again = await edge.connect(device);
    // What comes before the control plane is back is nobody's; a device that is not answered says it again.
    await vi.waitFor(
      async () => {
        await again.say('telemetry', telemetry({ sequence: 2 }));
        expect(again.down).toContainEqual({ channel: 'ack', message: { epoch: 'abcd1234', through: 2 } });
      },
      { timeout: 15_000, interval: 200 },
    );
    expect(await sequencesOf(device)).toEqual([1, 2]);
    await vi.waitFor(() => expect(edge.connect(revoked)).rejects.toMatchObject({ code: 5 }), { timeout: 10_000 });
  });
});

describe('of two edges at one broker', () => {
  it('one that does not know yet that it lost the lease cuts off nobody', async () => {
    const heard: string[] = [];
    const other = new OutsideBroker({
      url: mosquitto.url,
      clientId: 'towline-edge-other',
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      changeSessions: true,
      accounts: null,
      onStray: () => heard.push('stray'),
    });
    await other.start({
      accept({ channel }, taken) {
        heard.push(channel);
        taken();
      },
      refused: () => undefined,
    });
    await vi.waitFor(() => expect(other.ready()).toBe(true));
    const device = await fresh();
    await device.say('telemetry', telemetry({ sequence: 1 }));
    await acked(device, 1);
    await device.say('gossip', {});
    await vi.waitFor(() => expect(heard).toEqual(['telemetry', 'stray']));
    expect(other.ready()).toBe(true);
    await other.stop();
  });

  const keeperOf = (holder: string, seen: string[], ttlMs: number) =>
    new LeaseKeeper({
      lease: new Lease(edge.database.pool, { name: 'edge-test', holder, ttlMs }),
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      async begin() {
        seen.push(`${holder} begins`);
        return {
          async stop() {
            seen.push(`${holder} ends`);
          },
        };
      },
    });

  it('one works and the other takes over when it ends', async () => {
    const seen: string[] = [];
    const [first, second] = [keeperOf('first', seen, 60_000), keeperOf('second', seen, 60_000)];
    first.start();
    await vi.waitFor(() => expect(seen).toEqual(['first begins']));
    second.start();
    await first.stop();
    await vi.waitFor(() => expect(seen).toEqual(['first begins', 'first ends', 'second begins']), { timeout: 10_000 });
    await second.stop();
  });

  it('one that cannot begin lets the other', async () => {
    const seen: string[] = [];
    const broken = new LeaseKeeper({
      lease: new Lease(edge.database.pool, { name: 'edge-test', holder: 'broken', ttlMs: 60_000 }),
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      async begin() {
        seen.push('broken tries');
        throw new Fault('test.broken', 'cannot begin');
      },
    });
    broken.start();
    await vi.waitFor(() => expect(seen).toEqual(['broken tries']));
    const other = keeperOf('other', seen, 60_000);
    other.start();
    await vi.waitFor(() => expect(seen).toContain('other begins'), { timeout: 10_000 });
    expect(broken.work()).toBeNull();
    await broken.stop();
    await other.stop();
  });
});
