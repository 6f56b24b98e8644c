import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classifyDatabaseError } from './classify-database-error.ts';
import { type FingerprintMemory, recogniseFingerprint } from './fingerprint.ts';
import { advanceJob, isFinal, isRemembered, type JobState } from './job-state.ts';
import { decidePresence, type PresenceState } from './presence.ts';

const states: JobState[] = ['queued', 'accepted', 'running', 'succeeded', 'failed', 'rejected', 'expired', 'cancelled'];
/** As devices say it: the end of a job is all of it. */
const standing = fc
  .record({ state: fc.constantFrom(...states), progress: fc.integer({ min: 0, max: 100 }) })
  .map((word) => (isFinal(word.state) ? { ...word, progress: 100 } : word));

test('a job never leaves a final state and never goes back', () => {
  fc.assert(
    fc.property(standing, fc.array(standing), (start, reports) => {
      let now = start;
      for (const report of reports) {
        const next = advanceJob(now, report);
        if (!next) continue;
        expect(isFinal(now.state)).toBe(false);
        if (!isFinal(next.state)) expect(states.indexOf(next.state)).toBeGreaterThanOrEqual(states.indexOf(now.state));
        now = next;
      }
    }),
  );
});

test('a job that we gave up on is what the device makes of it, unless the device said its end itself', () => {
  expect(advanceJob({ state: 'failed', progress: 10 }, { state: 'succeeded', progress: 100 })?.state).toBe('succeeded');
  expect(advanceJob({ state: 'failed', progress: 100 }, { state: 'succeeded', progress: 100 })).toBeNull();
  expect(advanceJob({ state: 'expired', progress: 0 }, { state: 'accepted', progress: 0 })?.state).toBe('accepted');
  expect(advanceJob({ state: 'expired', progress: 0 }, { state: 'succeeded', progress: 100 })?.state).toBe('succeeded');
  expect(advanceJob({ state: 'expired', progress: 100 }, { state: 'succeeded', progress: 100 })).toBeNull();
});

test('a job is remembered when its device repeats an end without having taken it from here', () => {
  const repeats = (state: JobState) => isRemembered({ state, progress: 0 }, { repeated: true });
  expect([repeats('queued'), repeats('expired')]).toEqual([true, true]);
  expect([repeats('accepted'), repeats('running')]).toEqual([false, false]);
  expect(isRemembered({ state: 'queued', progress: 0 }, {})).toBe(false);
});

const fresh: PresenceState = { online: false, connection: 0, boot: null };

test('the last will of an older connection does not take the new session offline', () => {
  const online = decidePresence(fresh, { kind: 'hello', connection: 8, boot: 'a' });
  expect(decidePresence(online, { kind: 'presence', connection: 7, online: false })).toEqual(online);
  expect(decidePresence(online, { kind: 'presence', connection: 8, online: false }).online).toBe(false);
});

test('a device that lost count is believed after another boot, and an old hello is not', () => {
  const online = decidePresence(fresh, { kind: 'hello', connection: 8, boot: 'a' });
  expect(decidePresence(online, { kind: 'hello', connection: 1, boot: 'a' })).toEqual(online);
  expect(decidePresence(online, { kind: 'hello', connection: 1, boot: 'b' }).connection).toBe(1);
});

const north = { boardSerial: 'N1', imeis: ['1'] };
const south = { boardSerial: 'S1', imeis: ['2'] };
function hear(...heard: FingerprintMemory['current'][]) {
  let memory: FingerprintMemory = { current: null, before: null };
  const clones: boolean[] = [];
  for (const fingerprint of heard) {
    if (!fingerprint) continue;
    const next = recogniseFingerprint(memory, fingerprint);
    memory = next.memory;
    clones.push(next.clone);
  }
  return clones;
}

test('two boards that take turns under one identity are a clone, a board swapped once is not', () => {
  expect(hear(north, south, south)).toEqual([false, false, false]);
  expect(hear(north, south, north)).toEqual([false, false, true]);
});

test('a modem that is slow to tell its IMEI makes no clone', () => {
  const silent = { boardSerial: null, imeis: [] };
  expect(hear(silent, north, silent, north, silent)).toEqual([false, false, false, false, false]);
});

test('only what Postgres refuses for its content is set aside; the rest is tried again', () => {
  const refusals = ['22P05', '22021', '23514', '54000'].map((code) => classifyDatabaseError({ code }));
  expect(new Set(refusals)).toEqual(new Set(['refused']));
  const held = ['57P01', '08006', '53100', '42703', 'ECONNREFUSED', undefined].map((code) => classifyDatabaseError({ code }));
  expect(new Set(held)).toEqual(new Set(['unavailable']));
  expect(['40001', '40P01'].map((code) => classifyDatabaseError({ code }))).toEqual(['contended', 'contended']);
});
