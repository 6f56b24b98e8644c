import type { Cancel } from '@towline/kit';

/** One process of the control plane while it runs. */
export interface RunningProcess {
  /** Ends it in order; what was taken up is finished. */
  stop(): Promise<void>;
}

/** Stops what was started, last first. One that fails to stop does not keep the others running. */
export async function stopAll(stops: readonly (() => Promise<void>)[]): Promise<void> {
  for (const stop of [...stops].reverse()) await stop().catch(() => undefined);
}

/** SIGHUP: the terminal was closed. */
const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Calls `stop` once, when the process is asked to end, or when the supervisor that started it is gone. */
export function onStopRequest(stop: () => void): Cancel {
  let asked = false;
  const ask = () => {
    if (asked) return;
    asked = true;
    stop();
  };
  for (const signal of stopSignals) process.on(signal, ask);
  process.on('disconnect', ask);
  return () => {
    for (const signal of stopSignals) process.off(signal, ask);
    process.off('disconnect', ask);
  };
}
