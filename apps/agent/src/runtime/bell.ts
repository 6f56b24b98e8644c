import type { Cancel, Clock } from '@towline/kit';
import { createAlarm } from './alarm.ts';

/** Why a loop is woken: a line of the modem told of its registration, a change turned or ended, or anything else. */
export type Cause = 'registration' | 'change' | 'other';

/** An alarm that knows why it was rung. */
export interface Bell {
  wait(untilMs: number): Promise<void>;
  /** A registration waits a moment for more of it; all else ends a wait at once. */
  ring(cause: Cause): void;
  /** Why it was rung since it was asked last; nobody: time has passed. */
  causes(): ReadonlySet<Cause>;
  /** What is asked for now needs nobody to be woken for. */
  answer(cause: Cause): void;
}

/** One registration rings three times, and a radio that went off and on six. */
const gatherMs = 100;

export function createBell(clock: Clock): Bell {
  const alarm = createAlarm(clock);
  let causes = new Set<Cause>();
  let cancelGather: Cancel | null = null;
  const gather = () => {
    cancelGather ??= clock.schedule(gatherMs, () => {
      cancelGather = null;
      alarm.wake();
    });
  };
  const stopGathering = () => {
    cancelGather?.();
    cancelGather = null;
  };
  return {
    wait: (untilMs) => alarm.wait(untilMs),
    ring(cause) {
      causes.add(cause);
      if (cause === 'registration') gather();
      else alarm.wake();
    },
    causes() {
      const rung = causes;
      causes = new Set();
      stopGathering();
      alarm.hush();
      return rung;
    },
    answer(cause) {
      causes.delete(cause);
      if (cause === 'registration') stopGathering();
      if (causes.size === 0) alarm.hush();
    },
  };
}
