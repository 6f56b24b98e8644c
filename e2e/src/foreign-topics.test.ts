import { waitUntil } from '@towline/demo';
import { downFilter, upTopic } from '@towline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeviceCredential, enrol } from './harness/enrol.ts';
import { type Mosquitto, startMosquitto } from './harness/mosquitto.ts';
import { openSession } from './harness/raw-session.ts';
import { startWorld, storyDirectory, type World } from './harness/world.ts';

const hello = (epoch: string) => ({
  protocol: 1,
  agent: 'story',
  boot: 'story',
  connection: 1,
  nonce: 'story-nonce',
  held: { target: null },
  stream: { epoch, sequence: 0 },
  fingerprint: { boardSerial: null, imeis: [] },
});
const event = (epoch: string, sequence: number) => ({
  epoch,
  sequence,
  base: 1,
  sentAt: 1_790_000_000_000,
  events: [{ at: 1_790_000_000_000, code: 'story.forged', severity: 'info', modem: null, evidence: [epoch] }],
});

describe.each(['the embedded broker', 'Mosquitto'])('at %s, a device', (broker) => {
  let world: World;
  let mosquitto: Mosquitto | null = null;
  let mine: DeviceCredential;
  let other: DeviceCredential;

  beforeAll(async () => {
    const directory = storyDirectory();
    if (broker === 'Mosquitto') mosquitto = await startMosquitto(directory);
    world = await startWorld({ directory, environment: mosquitto ? { MQTT_URL: mosquitto.url } : {} });
    const claimToken = await world.claimToken(2);
    mine = await enrol(world.httpUrl, { claimToken, boardSerial: 'MINE' });
    other = await enrol(world.httpUrl, { claimToken, boardSerial: 'OTHER' });
    await waitUntil('the broker to know the devices', async () => {
      const session = await openSession(other);
      await session?.end();
      return session;
    });
  });

  afterAll(async () => {
    await world?.stop();
    await mosquitto?.kill();
  });

  /** Events of the story that are stored, by device and what they name. */
  const storedMarks = () => world.query("select device_id, evidence from event where code = 'story.forged' order by id");

  /** Sends one event of its own, and waits until it is stored: whatever came before it on the way has been dealt with then. */
  async function settle(epoch: string): Promise<void> {
    const session = await waitUntil('a session of my own', () => openSession(mine));
    await session.client.publishAsync(upTopic(mine, 'hello'), JSON.stringify(hello(epoch)), { qos: 1 });
    await session.client.publishAsync(upTopic(mine, 'event'), JSON.stringify(event(epoch, 1)), { qos: 1 });
    await waitUntil('my own event', async () => ((await marksOf(mine, epoch)) > 0 ? true : null));
    await session.end();
  }

  async function marksOf({ device }: DeviceCredential, epoch: string): Promise<number> {
    const rows = await world.query("select 1 from event where code = 'story.forged' and device_id = $1 and evidence[1] = $2", [
      device,
      epoch,
    ]);
    return rows.length;
  }

  it('cannot speak for another: nothing is stored', async () => {
    const session = await openSession(mine);
    // Refused by closing the session or by dropping the message: either is the broker's right.
    await Promise.race([
      session?.client.publishAsync(upTopic(other, 'event'), JSON.stringify(event('forged01', 1)), { qos: 1 }).catch(() => undefined),
      waitUntil('the end of the session', () => (session?.ended() ? true : null)).catch(() => undefined),
    ]);
    await session?.end();
    await settle('genuine1');
    expect(await storedMarks()).toEqual([{ device_id: mine.device, evidence: ['genuine1'] }]);
  });

  it('cannot speak for one of another tenant either', async () => {
    const before = await storedMarks();
    const session = await openSession(mine);
    const foreign = upTopic({ tenant: 'another', device: mine.device }, 'event');
    await Promise.race([
      session?.client.publishAsync(foreign, JSON.stringify(event('forged02', 1)), { qos: 1 }).catch(() => undefined),
      waitUntil('the end of the session', () => (session?.ended() ? true : null)).catch(() => undefined),
    ]);
    await session?.end();
    await settle('genuine2');
    expect(await storedMarks()).toEqual([...before, { device_id: mine.device, evidence: ['genuine2'] }]);
  });

  it('cannot listen to another: what comes down there stays unheard', async () => {
    const listener = await waitUntil('a session of my own', () => openSession(mine));
    await listener.client.subscribeAsync([downFilter(other), 'towline/#', '#'], { qos: 1 }).catch(() => undefined);
    const session = await waitUntil('a session of the other', () => openSession(other));
    await session.client.subscribeAsync(downFilter(other), { qos: 1 });
    await session.client.publishAsync(upTopic(other, 'hello'), JSON.stringify(hello('genuine3')), { qos: 1 });
    await waitUntil('the answer to the other', () => (session.heard.length > 0 ? true : null));
    const ownTopics = downFilter(mine).slice(0, -1);
    expect(listener.heard.filter((topic) => !topic.startsWith(ownTopics))).toEqual([]);
    await listener.end();
    await session.end();
  });

  it('gets no session with a wrong password', async () => {
    expect(await openSession(mine, { password: other.secret })).toBeNull();
    expect(await openSession(mine, { password: '' })).toBeNull();
  });

  it("gets no session under another's client id, and the other's session stands", async () => {
    const session = await waitUntil('a session of the other', () => openSession(other));
    expect(await openSession(mine, { clientId: other.device })).toBeNull();
    await session.client.publishAsync(upTopic(other, 'hello'), JSON.stringify(hello('genuine4')), { qos: 1 });
    expect(session.ended()).toBe(false);
    await session.end();
  });

  it('gets no session without an account', async () => {
    const stranger = { ...mine, device: '0000000000', secret: 'guess' };
    expect(await openSession(stranger)).toBeNull();
  });
});
