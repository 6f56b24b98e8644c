import { type Weekday, type Window, weekdaySchema } from '@towline/protocol/http';
import type { OffsetStretch } from './zone-offsets.ts';

/** A span in which changes may be opened. Milliseconds since 1970; the end is not part of it. */
export interface Opening {
  readonly startMs: number;
  readonly endMs: number;
}

const dayMs = 86_400_000;

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** 1 January 1970 was a Thursday. */
const weekdayOf = (day: number): Weekday | undefined => weekdaySchema.options[(((day + 3) % 7) + 7) % 7];

/** From and to of a window that begins on this day, as the clock on the wall shows them: milliseconds as if it showed UTC. */
function onWall({ from, to }: Window, day: number): Opening {
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const length = end > begin ? end - begin : end - begin + 24 * 60;
  const startMs = day * dayMs + begin * 60_000;
  return { startMs, endMs: startMs + length * 60_000 };
}

/** When the clock on the wall shows a time of this span, within one stretch. */
function within({ startMs, endMs, offsetMs }: OffsetStretch, wall: Opening): Opening {
  return { startMs: Math.max(startMs, wall.startMs - offsetMs), endMs: Math.min(endMs, wall.endMs - offsetMs) };
}

/** Those that overlap or touch become one. */
function merged(openings: readonly Opening[]): Opening[] {
  const whole: Opening[] = [];
  for (const opening of [...openings].sort((left, right) => left.startMs - right.startMs)) {
    const last = whole.at(-1);
    if (last && opening.startMs <= last.endMs) {
      whole[whole.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, opening.endMs) };
    } else whole.push(opening);
  }
  return whole;
}

/**
 * The openings within these stretches of a zone, in order: every moment at which the clock there shows a time inside a window. A time
 * that clocks skip opens nothing; one that they show twice is open twice.
 */
export function openingsWithin(windows: readonly Window[], stretches: readonly OffsetStretch[]): Opening[] {
  const found = stretches.flatMap((stretch) => {
    const first = Math.floor((stretch.startMs + stretch.offsetMs) / dayMs) - 1;
    const last = Math.floor((stretch.endMs + stretch.offsetMs) / dayMs);
    const days = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    return windows.flatMap((window) =>
      days.filter((day) => window.days.some((name) => name === weekdayOf(day))).map((day) => within(stretch, onWall(window, day))),
    );
  });
  return merged(found.filter(({ startMs, endMs }) => startMs < endMs));
}
