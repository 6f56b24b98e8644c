import { manualClock, silentLog } from '@towline/kit';
import { type RolloutProgress, rolloutDevicePageSchema, rolloutDeviceStateSchema, rolloutProgressSchema } from '@towline/protocol/http';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ApiHarness, createApiHarness } from '../../api/testing/api-harness.ts';
import { addDevice } from '../../api/testing/fleet.ts';
import type { ChangeListener } from '../../platform/change-feed.ts';
import { systemIds } from '../../platform/clock.ts';
import { noCounts } from '../decide/counts.ts';
import { foldProgress } from './fold-progress.ts';
import { maxStreamsOfTenant, ProgressService } from './progress.service.ts';
import { frameOf } from './progress-frame.ts';
import { ProgressHub } from './progress-hub.ts';
import { ProgressStream } from './progress-stream.ts';

const rollout = '5f8d0f6e-6a0c-4b7e-8f55-0d0f7a3a1c11';
const head = { rollout, state: 'running', reason: null, obstacle: null, currentWave: 1, startedAt: null, endedAt: null } as const;
const progress = (succeeded: number, change: Partial<RolloutProgress> = {}): RolloutProgress => ({
  ...head,
  counts: { ...noCounts, succeeded },
  waves: [],
  causes: [],
  ...change,
});

describe('the counts of a rollout', () => {
  it('are the sum of its waves, each state for itself', () => {
    const row = fc.record({
      wave: fc.integer({ min: 1, max: 3 }),
      state: fc.constantFrom(...rolloutDeviceStateSchema.options),
      devices: fc.nat(99),
    });
    fc.assert(
      fc.property(fc.array(row), (counts) => {
        const waves = [1, 2, 3].map((number) => ({ number, size: 1, manual: false, openedAt: null }));
        const folded = foldProgress({ ...head, waves, counts, causes: [] });
        for (const state of rolloutDeviceStateSchema.options) {
          const sum = folded.waves.reduce((all, wave) => all + (wave.counts[state] ?? 0), 0);
          expect(folded.counts[state]).toBe(sum);
        }
        expect(Object.values(folded.counts).reduce((all, count) => all + count, 0)).toBe(
          counts.reduce((all, { devices }) => all + devices, 0),
        );
      }),
    );
  });
});

/** A rollout whose progress is set by hand, and readers of it. */
function world() {
  const listeners = new Set<ChangeListener>();
  const clock = manualClock();
  const state = { progress: progress(0), reads: 0, failing: false };
  const options = {
    clock,
    log: silentLog,
    feed: {
      subscribe(listener: ChangeListener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    read: async () => {
      state.reads += 1;
      if (state.failing) throw new Error('away');
      return state.progress;
    },
  };
  const hub = new ProgressHub({ tenant: 'main', rollout }, options);
  const change = (next: RolloutProgress) => {
    state.progress = next;
    for (const listener of listeners) listener.onChange({ tenant: 'main', kind: 'rollout', id: rollout });
  };
  const read = (knownId: string | null = null) => {
    const reader = { texts: new Array<string>(), slow: false, ended: false, drain: () => undefined, close: () => undefined };
    const sink = {
      write: (text: string) => reader.texts.push(text) > 0 && !reader.slow,
      end: () => void Object.assign(reader, { ended: true }),
      onDrain: (listen: () => void) => void Object.assign(reader, { drain: listen }),
      onClose: (listen: () => void) => void Object.assign(reader, { close: listen }),
    };
    new ProgressStream(sink, clock, knownId).open(hub);
    const told = () =>
      reader.texts
        .filter((text) => text.startsWith('id: '))
        .map((text) => rolloutProgressSchema.parse(JSON.parse(text.split('data: ')[1] ?? '')).counts['succeeded']);
    return { reader, told };
  };
  return { clock, state, change, read, listeners, options };
}

describe('a reader of the progress', () => {
  it('hears what is, then the newest at most twice a second', async () => {
    const { clock, change, read, state } = world();
    const { told } = read();
    await clock.advance(0);
    expect(told()).toEqual([0]);
    for (let count = 1; count <= 300; count += 1) {
      change(progress(count));
      await clock.advance(10);
    }
    await clock.advance(1000);
    expect(told().at(-1)).toBe(300);
    expect(told().length).toBeLessThanOrEqual(8);
    expect(state.reads).toBeLessThanOrEqual(9);
  });

  it('shares what is read with all others', async () => {
    const { clock, change, read, state } = world();
    const readers = Array.from({ length: 50 }, () => read());
    await clock.advance(0);
    change(progress(1));
    await clock.advance(2000);
    expect(readers.every(({ told }) => told().at(-1) === 1)).toBe(true);
    expect(state.reads).toBe(2);
  });

  it('that comes back hears nothing that it knows, and all that is new', async () => {
    const { clock, change, read } = world();
    const { told } = read(frameOf(progress(0)).id);
    await clock.advance(0);
    expect(told()).toEqual([]);
    change(progress(1));
    await clock.advance(600);
    expect(told()).toEqual([1]);
  });

  it('that is slow gets the newest and nothing in between, and is cut off when it takes nothing', async () => {
    const { clock, change, read } = world();
    const { reader, told } = read();
    await clock.advance(0);
    reader.slow = true;
    for (const count of [1, 2, 3]) {
      change(progress(count));
      await clock.advance(1000);
    }
    expect(told()).toEqual([0, 1]);
    reader.slow = false;
    reader.drain();
    expect(told()).toEqual([0, 1, 3]);
    reader.slow = true;
    change(progress(4));
    await clock.advance(120_000);
    expect(reader.ended).toBe(true);
  });

  it('hears the end, and its stream with it; nothing is left behind', async () => {
    const { clock, change, read, listeners } = world();
    const { reader, told } = read();
    await clock.advance(0);
    change(progress(9, { state: 'finished' }));
    await clock.advance(600);
    expect([told().at(-1), reader.ended, listeners.size]).toEqual([9, true, 0]);
  });

  it('waits through a database that is away, and misses nothing', async () => {
    const { clock, change, read, state } = world();
    const { told } = read();
    await clock.advance(0);
    state.failing = true;
    change(progress(1));
    await clock.advance(2000);
    state.failing = false;
    await clock.advance(2000);
    expect(told()).toEqual([0, 1]);
  });

  it('is one of so many of its tenant', async () => {
    const { options } = world();
    const service = new ProgressService({ ...options, readWindows: async () => null });
    const caller = (tenant: string) => ({ tenant, id: systemIds.uuid(), name: 'n', role: 'viewer' }) as const;
    const sink = () => ({ write: () => true, end: () => undefined, onDrain: () => undefined, onClose: () => undefined });
    const open = (tenant: string) => service.openStream(caller(tenant), { rollout, knownId: null }, sink);
    for (let count = 0; count < maxStreamsOfTenant; count += 1) await open('main');
    await expect(open('main')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await open('other')).toBe('open');
    service.beforeApplicationShutdown();
  });
});

describe('over the API', () => {
  let api: ApiHarness;
  let url: string;
  beforeAll(async () => {
    api = await createApiHarness();
    await api.app.listen({ host: '127.0.0.1', port: 0 });
    url = `${await api.app.getUrl()}/v1/rollouts/${rollout}`;
    const { prisma } = api.database;
    const made = { tenantId: 'main', id: rollout, name: 'r', kind: 'policy', selection: {}, settings: {}, createdBy: systemIds.uuid() };
    await prisma.rollout.create({ data: { ...made, state: 'running', currentWave: 1, devices: 3 } });
    await prisma.rolloutWave.create({ data: { tenantId: 'main', rolloutId: rollout, number: 1, size: 3 } });
    for (const [id, state, code] of [
      ['0000000001', 'failed', 'apn.not-subscribed'],
      ['0000000002', 'failed', 'apn.not-subscribed'],
      ['0000000003', 'changing', null],
    ] as const) {
      await addDevice(api, { id });
      await prisma.rolloutDevice.create({ data: { tenantId: 'main', rolloutId: rollout, deviceId: id, wave: 1, state, code } });
    }
  });
  afterAll(() => api.close());

  it('counts come per state and wave, failures by code with a link to their devices, from what the database counts', async () => {
    const seen = await api.expectOk(rolloutProgressSchema, 'GET', `/v1/rollouts/${rollout}/progress`);
    expect(seen).toMatchObject({
      state: 'running',
      counts: { failed: 2, changing: 1, succeeded: 0 },
      waves: [{ number: 1, size: 3, counts: { failed: 2 } }],
    });
    const link = `/v1/rollouts/${rollout}/devices?state=failed&code=apn.not-subscribed`;
    expect(seen.causes).toEqual([{ state: 'failed', code: 'apn.not-subscribed', devices: 2, link }]);
    const failed = await api.expectOk(rolloutDevicePageSchema, 'GET', `${link}&limit=1`);
    expect(failed.items).toMatchObject([{ device: '0000000001', state: 'failed', code: 'apn.not-subscribed' }]);
    const rest = await api.expectOk(rolloutDevicePageSchema, 'GET', `${link}&cursor=${failed.next}`);
    expect(rest).toMatchObject({ items: [{ device: '0000000002' }], next: null });
    const others = await api.expectOk(rolloutDevicePageSchema, 'GET', link.replace('not-subscribed', 'rejected'));
    expect(others.items).toEqual([]);
  });

  it('they are streamed until the rollout is over, and then there is nothing to come back for', async () => {
    const headers = { authorization: `Bearer ${api.token}` };
    const answer = await fetch(`${url}/stream`, { headers });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const whole = answer.text();
    await vi.waitFor(() => expect(api.changes.size).toBe(1));
    await api.database.prisma.rolloutDevice.updateMany({ where: { rolloutId: rollout, state: 'changing' }, data: { state: 'succeeded' } });
    await api.database.prisma.rollout.updateMany({ where: { id: rollout }, data: { state: 'finished' } });
    for (const listener of api.changes) listener.onChange({ tenant: 'main', kind: 'rollout', id: rollout });
    const text = await whole;
    expect(text).toContain('"state":"finished"');
    const id =
      text
        .match(/id: (\S+)/g)
        ?.at(-1)
        ?.slice(4) ?? '';
    expect((await fetch(`${url}/stream`, { headers: { ...headers, 'last-event-id': id } })).status).toBe(204);
    expect(api.changes.size).toBe(0);
  });

  it('nobody of another tenant sees anything', async () => {
    const stranger = { authorization: `Bearer ${await api.tokenFor('other', 'admin')}` };
    expect((await fetch(`${url}/stream`, { headers: stranger })).status).toBe(404);
    expect((await fetch(`${url}/progress`, { headers: stranger })).status).toBe(404);
  });
});
