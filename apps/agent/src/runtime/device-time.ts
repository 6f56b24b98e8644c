import type { Clock } from '@towline/kit';

/** The device's clock as reports carry it: whole Unix milliseconds, also where the clock counts finer or stands before 1970. */
export function deviceTime(clock: Clock): number {
  return Math.max(0, Math.round(clock.wallMs()));
}
