import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { seededRandom, silentLog } from '@towline/kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { openPool } from '../platform/database.ts';
import { createTestDatabase, type TestDatabase } from '../platform/testing/test-database.ts';
import { ArrivalQueue } from './arrival-queue.ts';
import { IngestLane } from './ingest-lane.ts';
import type { ReadMessage } from './read-message.ts';

const receivedAt = Date.UTC(2026, 10, 21, 12);
const epoch = 'aaaaaaaa';

let database: TestDatabase;
let devices: [string, string];
let made = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.prisma.tenant.create({ data: { id: 'main', name: 'main' } });
});
afterAll(() => database.close());
beforeEach(async () => {
  devices = [String(++made).padStart(10, '0'), String(++made).padStart(10, '0')];
  await database.prisma.device.createMany({ data: devices.map((id) => ({ tenantId: 'main', id, name: id, tags: [] })) });
});

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let end = ends.pop(); end; end = ends.pop()) await end();
});

/** An edge with one lane. `say` resolves with what was acknowledged of each device when all it was told is committed. */
function raiseEdge(url = database.url) {
  const pool = openPool({ url, applicationName: 'towline-ingest', connections: 1, log: silentLog, pipeline: true });
  const queue = new ArrivalQueue({ messages: 1000, bytes: 1e6, perDevice: 100, held: 10, holdMs: 1000 });
  const acked = new Map<string, number>();
  const batches: { messages: number; fresh: number }[] = [];
  const told: boolean[] = [];
  let committed = 0;
  const lane = new IngestLane({
    queue,
    pool,
    clock: systemClock,
    random: seededRandom(1),
    log: silentLog,
    commit: { retentionMs: 86_400_000, isTouchDue: () => true, isResendDue: () => true },
    onCommitted: ({ outcome, messages }) => {
      for (const { address, ack } of outcome.acks) acked.set(address.device, ack.through);
      batches.push({ messages, fresh: outcome.counts.committed });
      committed += messages;
    },
    onDatabase: (available) => void told.push(available),
  });
  lane.start();
  ends.push(async () => {
    await lane.stop();
    await pool.end();
  });
  const say = async (...messages: ReadMessage[]) => {
    const all = committed + messages.length;
    for (const message of messages) queue.offer({ message, bytes: 100, taken: () => undefined }, 0);
    await vi.waitFor(() => expect(committed).toBe(all), { timeout: 5000 });
    return devices.map((device) => acked.get(device));
  };
  return { say, batches, told };
}

function telemetry(device: string, sequence: number, modem = 'main'): ReadMessage {
  const report = { epoch, sequence, base: 1, sentAt: receivedAt, modem, at: [receivedAt] };
  return { kind: 'telemetry', address: { tenant: 'main', device }, receivedAt, report };
}

function happened(device: string, sequence: number): ReadMessage {
  const events = [{ code: 'link.down', severity: 'info' as const, modem: null, evidence: [], at: receivedAt }];
  const report = { epoch, sequence, base: 1, sentAt: receivedAt, events };
  return { kind: 'event', address: { tenant: 'main', device }, receivedAt, report };
}

function stateOf(device: string, sequence: number, of = epoch): ReadMessage {
  const report = { epoch: of, sequence, base: 1, sentAt: receivedAt, held: { target: null }, target: null, uptimeS: 1, modems: [] };
  return { kind: 'state', address: { tenant: 'main', device }, receivedAt, report };
}

async function stored(device: string): Promise<number[]> {
  const query = 'select sequence::int from telemetry where device_id = $1 order by sequence';
  const { rows } = await database.pool.query<{ sequence: number }>(query, [device]);
  return rows.map(({ sequence }) => sequence);
}
const quarantined = () => database.prisma.quarantine.count({ where: { deviceId: { in: devices } } });

describe('streams that the edge remembers', () => {
  it('move on batch by batch, and beyond a gap', async () => {
    const [north, south] = devices;
    const edge = raiseEdge();
    expect(await edge.say(telemetry(north, 1), telemetry(south, 2))).toEqual([1, 0]);
    expect(await edge.say(telemetry(north, 2), telemetry(south, 3))).toEqual([2, 0]);
    expect(await edge.say(telemetry(north, 2), telemetry(south, 1))).toEqual([2, 3]);
    expect([await stored(north), await stored(south)]).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
    const streams = await database.prisma.reportStream.findMany({ where: { deviceId: { in: devices } }, orderBy: { deviceId: 'asc' } });
    expect(streams).toMatchObject([
      { through: 2n, ahead: [] },
      { through: 3n, ahead: [] },
    ]);
  });

  it('are looked up anew when a second edge has moved one: nothing is stored twice, nothing is lost', async () => {
    const [north, south] = devices;
    const [first, second] = [raiseEdge(), raiseEdge()];
    await first.say(telemetry(north, 1), telemetry(south, 1));
    await second.say(telemetry(north, 2), telemetry(north, 3));
    expect(await first.say(telemetry(north, 2), telemetry(north, 4), telemetry(south, 2))).toEqual([4, 2]);
    expect(await second.say(telemetry(north, 5))).toEqual([5, undefined]);
    expect([await stored(north), await stored(south)]).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2],
    ]);
    expect(await quarantined()).toBe(0);
  });

  it('are looked up anew for events too: an event is stored once', async () => {
    const [north, south] = devices;
    const [first, second] = [raiseEdge(), raiseEdge()];
    await first.say(happened(north, 1), happened(south, 1));
    await second.say(happened(north, 2));
    expect(await first.say(happened(north, 2), happened(north, 3), happened(south, 2))).toEqual([3, 2]);
    const eventsOf = (deviceId: string) => database.prisma.event.count({ where: { deviceId } });
    expect([await eventsOf(north), await eventsOf(south)]).toEqual([3, 2]);
    expect(first.batches.at(-1)).toEqual({ messages: 3, fresh: 2 });
  });

  it('are looked up anew where one was greeted with again: its states count from then on', async () => {
    const [north] = devices;
    const edge = raiseEdge();
    await edge.say(stateOf(north, 1));
    await edge.say(stateOf(north, 1, 'bbbbbbbb'));
    const greet = "update report_stream set created_at = created_at + interval '1 minute' where device_id = $1 and epoch = $2";
    await database.pool.query(greet, [north, epoch]);
    await edge.say(stateOf(north, 2));
    expect(await database.prisma.device.findFirst({ where: { id: north } })).toMatchObject({ reportedEpoch: epoch, reportedSequence: 2n });
  });

  it('acknowledge nothing that the database does not hold', async () => {
    const [north] = devices;
    const edge = raiseEdge();
    await edge.say(telemetry(north, 1), telemetry(north, 2));
    await database.pool.query('update report_stream set through = 1 where device_id = $1', [north]);
    await database.pool.query('delete from telemetry where device_id = $1 and sequence = 2', [north]);
    expect((await edge.say(telemetry(north, 2)))[0]).toBe(2);
    expect(await stored(north)).toEqual([1, 2]);
  });

  it('of a device that is gone take up nothing', async () => {
    const [north, south] = devices;
    const edge = raiseEdge();
    await edge.say(telemetry(north, 1), telemetry(south, 1));
    await database.prisma.device.delete({ where: { tenantId_id: { tenantId: 'main', id: north } } });
    expect(await edge.say(telemetry(north, 2), telemetry(south, 2))).toEqual([1, 2]);
    expect([await stored(north), await stored(south)]).toEqual([[1], [1, 2]]);
    expect(edge.batches.at(-1)).toEqual({ messages: 2, fresh: 1 });
  });

  it('stay right when a report among theirs is refused: it alone is set aside', async () => {
    const [north, south] = devices;
    const edge = raiseEdge();
    await edge.say(telemetry(north, 1), telemetry(south, 1));
    expect(await edge.say(telemetry(north, 2), telemetry(south, 2, 'a\u0000b'), telemetry(north, 3), telemetry(south, 3))).toEqual([3, 3]);
    expect([await stored(north), await stored(south)]).toEqual([
      [1, 2, 3],
      [1, 3],
    ]);
    expect(await quarantined()).toBe(1);
  });

  it('are no trouble of the database when others move them again and again', async () => {
    const [north] = devices;
    // A sequence counts on where a transaction is undone.
    await database.pool.query(`create sequence others_first;
      create function overtake() returns trigger language plpgsql as $$ begin
        if nextval('others_first') <= 3 then raise exception using errcode = '40001'; end if; return new; end $$;
      create trigger overtake before insert on telemetry for each row execute function overtake()`);
    const edge = raiseEdge();
    expect((await edge.say(telemetry(north, 1)))[0]).toBe(1);
    await database.pool.query('drop function overtake cascade');
    expect(edge.told).toEqual([true]);
    expect(await stored(north)).toEqual([1]);
  });

  it('are looked up anew after a commit whose answer was lost', async () => {
    const [north, south] = devices;
    const network = await raiseNetwork(database.url);
    const edge = raiseEdge(network.url);
    await edge.say(telemetry(north, 1), telemetry(south, 1));
    network.loseNextCommit();
    expect(await edge.say(telemetry(north, 2), telemetry(south, 2))).toEqual([2, 2]);
    expect(edge.batches.at(-1)).toEqual({ messages: 2, fresh: 0 });
    expect([await stored(north), await stored(south)]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });
});

/** The way to a Postgres, on which the answer to a commit can be lost, the connection with it. */
async function raiseNetwork(url: string): Promise<{ url: string; loseNextCommit: () => void }> {
  const there = new URL(url);
  const { hostname } = there;
  const port = Number(there.port);
  let losing = false;
  const open = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(port, hostname);
    for (const socket of [near, far]) open.add(socket.on('error', () => undefined));
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      // PostgreSQL manual, "Message Formats": CommandComplete carries its tag as a string.
      if (!losing || !bytes.includes('COMMIT\0')) return void near.write(bytes);
      losing = false;
      near.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  there.hostname = '127.0.0.1';
  there.port = String(typeof address === 'object' ? address?.port : 0);
  const loseNextCommit = () => {
    losing = true;
  };
  return { url: there.href, loseNextCommit };
}
