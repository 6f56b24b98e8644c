import type { Clock } from '@towline/kit';
import { createAlarm } from './alarm.ts';

/** Why a loop is woken: a line of the modem told of its registration, a change turned or ended, or anything else. */
export type Cause = 'registration' | 'change' | 'other';

/** An alarm that knows why it was rung. */
export interface Bell {
  wait(untilMs: number): Promise<void>;
  ring(cause: Cause): void;
  /** Why it was rung since it was asked last; nobody: time has passed. */
  causes(): ReadonlySet<Cause>;
  /** What is asked for now needs nobody to be woken for: one registration rings three times. */
  answer(cause: Cause): void;
}

export function createBell(clock: Clock): Bell {
  const alarm = createAlarm(clock);
  let causes = new Set<Cause>();
  return {
    wait: (untilMs) => alarm.wait(untilMs),
    ring(cause) {
      causes.add(cause);
      alarm.wake();
    },
    causes() {
      const rung = causes;
      causes = new Set();
      alarm.hush();
      return rung;
    },
    answer(cause) {
      causes.delete(cause);
      if (causes.size === 0) alarm.hush();
    },
  };
}
