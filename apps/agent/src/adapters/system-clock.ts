import type { Clock } from '@towline/kit';

/** Node's timers hold 31 bits of milliseconds. */
const longestTimeoutMs = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
  schedule(delayMs, run) {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number) => {
      const nextMs = Math.min(Math.max(0, leftMs), longestTimeoutMs);
      timer = setTimeout(() => (leftMs > nextMs ? arm(leftMs - nextMs) : run()), nextMs);
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
};
