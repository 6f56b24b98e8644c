import { Fault, manualClock, seededRandom, silentLog } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { openTransaction, type Transaction } from '../../core/transaction/transaction.ts';
import { FakeControlPlane } from '../../testing/fake-control-plane.ts';
import { documentOf, rule } from '../../testing/world.ts';
import type { BearerPath, Session, SessionRequest, Transport } from '../ports.ts';
import { type Announcement, Announcer } from './announcer.ts';

const path: BearerPath = { bearer: 'wwan0 10.0.0.2', ports: { first: 61_056, last: 61_063 }, resolvers: [] };
const bearer: Announcement['bearer'] = { requestedApn: 'b', apn: 'b', ipType: 'ipv4', dataMode: 'ecm', addresses: [] };

const change = (id: string, digest: string): Transaction => {
  const profile = { apn: 'b', ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: false } as const;
  const to = { key: 'b', rule: 'b', profileRef: 'b@1', mode: 'ecm', profile } as const;
  const names = { id, modem: `modem of ${id}`, iccid: '8988', version: { epoch: 1, number: 1 }, digest, boot: 'boot-1' };
  return openTransaction({ ...names, budgetMs: 300_000, from: null, fromStanding: 'assumed', to, others: [] }, 0);
};

function harness(transport?: Transport) {
  const clock = manualClock();
  const controlPlane = new FakeControlPlane();
  controlPlane.assign(documentOf(rule('b')), 1);
  const met: string[] = [];
  const confirmed: string[] = [];
  const way: { path: Announcement['path'] } = { path };
  let nonces = 0;
  const announcer = new Announcer({
    ports: {
      transport: transport ?? controlPlane.transport,
      clock,
      random: seededRandom(5),
      log: silentLog,
      ids: { secret: () => '', epoch: () => '', nonce: () => `nonce-${String((nonces += 1)).padStart(8, '0')}` },
    },
    identity: () => ({ tenant: 'acme', device: '0123456789', mqttUrl: 'mqtt://broker.test', secret: 's' }),
    announcement: () => ({ bearer, path: way.path }),
    met: (id, pinned) => void met.push(`${id} ${pinned ? 'pinned' : 'loose'}`),
    confirmed: (id) => void confirmed.push(id),
  });
  const digest = controlPlane.digest();
  return { announcer, controlPlane, clock, met, confirmed, way, digest };
}

describe('the session of a change', () => {
  it('asks until it is confirmed, each time on a session of its own, and leaves no listener behind', async () => {
    const { announcer, controlPlane, clock, met, confirmed, digest } = harness();
    controlPlane.confirms = false;
    announcer.follow(change('change-1', digest), 'announce');
    await clock.advance(600_000);
    expect(met.length).toBeGreaterThan(2);
    expect(confirmed).toEqual([]);
    expect(controlPlane.changeSessions).toBeLessThanOrEqual(1);
    controlPlane.confirms = true;
    await clock.advance(600_000);
    expect(confirmed[0]).toBe('change-1');
    announcer.stop();
    await clock.advance(1_000);
    expect([controlPlane.changeListeners, controlPlane.changeSessions, clock.nextDueMs()]).toEqual([0, 0, null]);
  });

  it('that is given up in the middle of its wait leaves no listener, no session and no timer', async () => {
    const { announcer, controlPlane, clock, digest } = harness();
    controlPlane.confirms = false;
    announcer.follow(change('change-1', digest), 'announce');
    await clock.advance(5_000);
    expect(controlPlane.changeListeners).toBeGreaterThan(0);
    announcer.stop('change-1');
    await clock.advance(0);
    expect([controlPlane.changeListeners, controlPlane.changeSessions, clock.nextDueMs()]).toEqual([0, 0, null]);
  });

  it('that is given up while it connects meets nobody, and ends what comes of it', async () => {
    const requests: SessionRequest[] = [];
    let arrive: (session: Session) => void = () => {};
    const late = harness({ connect: (request) => new Promise((resolve) => void (requests.push(request), (arrive = resolve))) });
    late.announcer.follow(change('change-1', late.digest), 'announce');
    await late.clock.advance(0);
    late.announcer.stop();
    expect(requests[0]?.signal?.aborted).toBe(true);
    arrive(await late.controlPlane.transport.connect({ ...nobody, clientId: '0123456789~change' }));
    await late.clock.advance(60_000);
    expect([late.met, late.controlPlane.changeSessions, requests.length]).toEqual([[], 0, 1]);
  });

  it('is not begun without a bearer, and is bound to the one that comes', async () => {
    const { announcer, controlPlane, clock, way, met, digest } = harness();
    way.path = 'none';
    announcer.follow(change('change-1', digest), 'announce');
    await clock.advance(120_000);
    expect(controlPlane.sessions).toEqual([]);
    way.path = path;
    await clock.advance(300_000);
    expect(controlPlane.sessions[0]).toMatchObject({ clientId: '0123456789~change', path });
    expect(met[0]).toBe('change-1 pinned');
  });

  it('says so where there is nothing to bind it to', async () => {
    const { announcer, controlPlane, clock, way, met, digest } = harness();
    way.path = null;
    announcer.follow(change('change-1', digest), 'announce');
    await clock.advance(5_000);
    expect(met[0]).toBe('change-1 loose');
    expect(controlPlane.received[0]).toMatchObject({ channel: 'announce', message: { pinned: false } });
  });

  it('that only proves a way back announces nothing', async () => {
    const { announcer, controlPlane, clock, met, digest } = harness();
    announcer.follow(change('change-1', digest), 'prove');
    await clock.advance(1_000);
    expect([met[0], controlPlane.received.length, controlPlane.changeSessions]).toEqual(['change-1 pinned', 0, 0]);
  });

  it('of one modem takes turns with that of another: the broker knows one name for both', async () => {
    const { announcer, controlPlane, clock, met, digest } = harness();
    controlPlane.confirms = false;
    announcer.follow(change('change-1', digest), 'announce');
    announcer.follow(change('change-2', digest), 'prove');
    for (let second = 0; second < 300; second += 1) {
      await clock.advance(1_000);
      expect(controlPlane.changeSessions).toBeLessThanOrEqual(1);
    }
    expect(new Set(met)).toEqual(new Set(['change-1 pinned', 'change-2 pinned']));
  });

  it('goes on after a broker that cannot be reached', async () => {
    let tries = 0;
    const { announcer, clock, digest } = harness({
      connect: () => {
        tries += 1;
        return Promise.reject(new Fault('link.unreachable', 'no route'));
      },
    });
    announcer.follow(change('change-1', digest), 'announce');
    await clock.advance(3_600_000);
    expect(tries).toBeGreaterThan(12);
    expect(tries).toBeLessThan(60);
  });
});

const nobody: SessionRequest = { url: 'mqtt://broker.test', clientId: '', username: '', password: '', keepaliveS: 60, timeoutMs: 1_000 };
