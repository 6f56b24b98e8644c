import type { Schedule, ScheduleStart } from '@towline/protocol/http';
import { type Opening, openingsWithin } from './openings.ts';
import { offsetStretches } from './zone-offsets.ts';

/** What is asked: a schedule, the zone of the device, and how long a change and its way back may take. */
export interface OpeningQuestion {
  readonly schedule: Schedule;
  /** IANA name. */
  readonly zone: string;
  readonly needSeconds: number;
}

/** Times in milliseconds since 1970, by the clock that `now` was read from: the database's. */
export type OpeningVerdict =
  /** `untilMs` null: no window ends it. */
  | { readonly open: true; readonly untilMs: number | null }
  | {
      readonly open: false;
      /** When it opens for long enough; null: never, as things are. */
      readonly nextMs: number | null;
      readonly reason: 'not-started' | 'outside' | 'too-little-left' | 'never-long-enough';
    };

const hourMs = 3_600_000;
/** Two weeks and a day: each weekly window comes at least once whole, also where one of them falls into a night of shifted clocks. */
const aheadMs = 15 * 24 * hourMs;
/** No zone is further from UTC. */
const maxOffsetMs = 15 * hourMs;

/** The first moment at which the start has come: in the device's zone, where it was given so. */
export function startMsOf(start: ScheduleStart, zone: string): number {
  if ('at' in start) return Date.parse(start.at);
  const wallMs = Date.parse(`${start.local}Z`);
  const stretches = offsetStretches(zone, wallMs - maxOffsetMs, wallMs + maxOffsetMs);
  const stretch = stretches.find(({ endMs, offsetMs }) => endMs + offsetMs > wallMs);
  return stretch ? Math.max(stretch.startMs, wallMs - stretch.offsetMs) : wallMs;
}

/** The openings of a schedule from a moment on, for two weeks. */
export function openingsFrom({ schedule, zone }: Omit<OpeningQuestion, 'needSeconds'>, fromMs: number): Opening[] {
  return openingsWithin(schedule.windows, offsetStretches(zone, fromMs, fromMs + aheadMs));
}

/**
 * Whether a change may be opened on a device now: its schedule has started and the rest of the window holds a change and its way back.
 * A window that was missed, or too short by then, is made up for by the next one: nothing is ever cancelled for it.
 */
export function openingOf({ schedule, zone, needSeconds }: OpeningQuestion, nowMs: number): OpeningVerdict {
  const startMs = schedule.start ? startMsOf(schedule.start, zone) : nowMs;
  const fromMs = Math.max(nowMs, startMs);
  const started = startMs <= nowMs;
  if (schedule.windows.length === 0) {
    return started ? { open: true, untilMs: null } : { open: false, nextMs: startMs, reason: 'not-started' };
  }
  const openings = openingsFrom({ schedule, zone }, fromMs);
  const fits = openings.find((opening) => opening.endMs - opening.startMs >= needSeconds * 1000);
  if (started && fits?.startMs === nowMs) return { open: true, untilMs: fits.endMs };
  if (!fits) return { open: false, nextMs: null, reason: 'never-long-enough' };
  if (!started) return { open: false, nextMs: fits.startMs, reason: 'not-started' };
  return { open: false, nextMs: fits.startMs, reason: openings[0]?.startMs === nowMs ? 'too-little-left' : 'outside' };
}
