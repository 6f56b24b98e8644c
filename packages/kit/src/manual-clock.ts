import type { Cancel, Clock } from './clock.ts';

/** A clock that stands still until told to move: for tests and for simulated worlds. */
export interface ManualClock extends Clock {
  /** Moves on by `ms`, running what falls due in order of time, each followed by the promises it wakes. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock; the monotonic one does not notice. */
  jumpWall(toMs: number): void;
  /** Milliseconds until the next scheduled call, or null when nothing is scheduled. */
  nextDueMs(): number | null;
}

interface Entry {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Lets every promise that can settle now do so, before time moves on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
}

export function manualClock(startWallMs = Date.UTC(2026, 0, 1)): ManualClock {
  let now = 0;
  let wallOffset = startWallMs;
  let order = 0;
  const entries = new Set<Entry>();
  const next = (): Entry | undefined => [...entries].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
  return {
    wallMs: () => now + wallOffset,
    monotonicMs: () => now,
    schedule(delayMs, run): Cancel {
      const entry: Entry = { dueMs: now + Math.max(0, delayMs), order: order++, run };
      entries.add(entry);
      return () => {
        entries.delete(entry);
      };
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (let entry = next(); entry && entry.dueMs <= end; entry = next()) {
        entries.delete(entry);
        now = Math.max(now, entry.dueMs);
        entry.run();
        await settle();
      }
      now = end;
    },
    jumpWall(toMs) {
      wallOffset = toMs - now;
    },
    nextDueMs() {
      const entry = next();
      return entry ? Math.max(0, entry.dueMs - now) : null;
    },
  };
}
