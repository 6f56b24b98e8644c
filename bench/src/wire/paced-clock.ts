import type { Clock } from '@towline/kit';

/** Time that can be made to run fast. */
export interface PacedClock extends Clock {
  /** How many milliseconds pass in one real one, from now on; waits that have begun are shortened too. */
  setPace(pace: number): void;
}

interface Wait {
  readonly dueMs: number;
  readonly run: () => void;
  cancel: () => void;
}

/**
 * Shorter waits keep their real length: they are a modem's reply times and time-outs, and what follows a message on the wire. The long ones
 * decide how often the device speaks.
 */
const shortMs = 10_000;

export function pacedClock(real: Clock): PacedClock {
  const wallFrom = real.wallMs();
  const waits = new Set<Wait>();
  let pace = 1;
  let from = { realMs: real.monotonicMs(), passedMs: 0 };
  const passed = () => from.passedMs + (real.monotonicMs() - from.realMs) * pace;
  const arm = (wait: Wait) => {
    wait.cancel = real.schedule(Math.max(0, wait.dueMs - passed()) / pace, () => {
      waits.delete(wait);
      wait.run();
    });
  };
  return {
    wallMs: () => Math.round(wallFrom + passed()),
    monotonicMs: passed,
    schedule(delayMs, run) {
      if (delayMs < shortMs) return real.schedule(delayMs, run);
      const wait: Wait = { dueMs: passed() + delayMs, run, cancel: () => undefined };
      waits.add(wait);
      arm(wait);
      return () => {
        waits.delete(wait);
        wait.cancel();
      };
    },
    setPace(next) {
      from = { realMs: real.monotonicMs(), passedMs: passed() };
      pace = next;
      for (const wait of waits) {
        wait.cancel();
        arm(wait);
      }
    },
  };
}
