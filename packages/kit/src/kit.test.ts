import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelayMs, createExclusive, Fault, faultCode, manualClock, seededRandom, sleep } from './index.ts';

describe('backoff', () => {
  it('stays between the unjittered share and the maximum for every attempt', () => {
    const policy = { baseMs: 1000, factor: 2, maxMs: 60_000, jitter: 0.5 };
    fc.assert(
      fc.property(fc.nat(40), fc.nat(), (attempt, seed) => {
        const delay = backoffDelayMs(policy, attempt, seededRandom(seed));
        const full = Math.min(60_000, 1000 * 2 ** attempt);
        return delay > full * 0.5 - 1e-6 && delay <= full;
      }),
    );
  });
});

describe('seededRandom', () => {
  it('repeats itself from the same seed and stays below one', () => {
    const first = seededRandom(7);
    const second = seededRandom(7);
    for (let draw = 0; draw < 1000; draw += 1) {
      const value = first.next();
      expect(value).toBe(second.next());
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
    }
  });
});

describe('exclusive', () => {
  it('runs tasks in order, one at a time, and goes on after one that fails', async () => {
    const exclusive = createExclusive(10);
    const seen: string[] = [];
    const slow = exclusive.run(async () => {
      seen.push('first in');
      await Promise.resolve();
      seen.push('first out');
    });
    const failing = exclusive.run(async () => {
      throw new Fault('test.failed', 'no');
    });
    const last = exclusive.run(async () => {
      seen.push('last');
    });
    await slow;
    await expect(failing).rejects.toMatchObject({ code: 'test.failed' });
    await last;
    expect(seen).toEqual(['first in', 'first out', 'last']);
  });

  it('refuses one task more than may wait', async () => {
    const exclusive = createExclusive(1);
    const kept = exclusive.run(async () => 'kept');
    const refused = await exclusive.run(async () => 'refused').catch(faultCode);
    expect(refused).toBe('exclusive.full');
    expect(await kept).toBe('kept');
  });
});

describe('manual clock', () => {
  it('runs what falls due in order of time and wakes sleepers', async () => {
    const clock = manualClock(0);
    const seen: string[] = [];
    void sleep(clock, 20).then(() => seen.push(`slept until ${clock.monotonicMs()}`));
    clock.schedule(10, () => seen.push('ten'));
    const cancel = clock.schedule(15, () => seen.push('never'));
    cancel();
    await clock.advance(25);
    expect(seen).toEqual(['ten', 'slept until 20']);
    expect(clock.wallMs()).toBe(25);
  });

  it('keeps durations when the wall clock jumps', async () => {
    const clock = manualClock(0);
    clock.jumpWall(1_000_000);
    await clock.advance(5);
    expect(clock.wallMs()).toBe(1_000_005);
    expect(clock.monotonicMs()).toBe(5);
  });

  it('ends a sleep when its signal aborts', async () => {
    const clock = manualClock();
    const abort = new AbortController();
    const asleep = sleep(clock, 1_000_000, abort.signal);
    abort.abort();
    await asleep;
    expect(clock.nextDueMs()).toBeNull();
  });
});
