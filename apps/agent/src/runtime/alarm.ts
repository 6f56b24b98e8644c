import type { Clock } from '@towline/kit';

/** Something to wait for: a moment, or being woken before it. A call that comes while nobody waits ends the next wait at once. */
export interface Alarm {
  wait(untilMs: number): Promise<void>;
  wake(): void;
  /** Forgets that it was woken: whatever that was for is about to be looked at. One registration rings three times. */
  hush(): void;
}

export function createAlarm(clock: Clock): Alarm {
  let rung = false;
  let ring = () => {
    rung = true;
  };
  return {
    wait: (untilMs) =>
      new Promise((resolve) => {
        const end = () => {
          cancel();
          rung = false;
          ring = () => {
            rung = true;
          };
          resolve();
        };
        const cancel = clock.schedule(untilMs - clock.monotonicMs(), end);
        if (rung) end();
        else ring = end;
      }),
    wake: () => ring(),
    hush() {
      rung = false;
    },
  };
}
