/** A stretch of time in which clocks of a zone differ from UTC by the same. Milliseconds since 1970; the end is not part of it. */
export interface OffsetStretch {
  readonly startMs: number;
  readonly endMs: number;
  /** What the zone's clocks show less UTC. */
  readonly offsetMs: number;
}

const minuteMs = 60_000;
/** No zone has put its clocks twice within half a day. */
const lookEveryMs = 12 * 60 * minuteMs;

/** Making one costs a hundred times what using it does. Bounded by the number of zones there are. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}

/**
 * What clocks of this zone show at a moment, less UTC, in milliseconds.
 * @throws RangeError when there is no such zone: it is refused where it comes in
 */
export function offsetAt(zone: string, ms: number): number {
  const read: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(zone).formatToParts(ms)) read[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

/** The minute at which the offset changes, between two moments that differ in it. Clocks are put on whole minutes. */
function turnBetween(zone: string, early: number, late: number): number {
  const before = offsetAt(zone, early);
  let [low, high] = [Math.floor(early / minuteMs), Math.ceil(late / minuteMs)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle * minuteMs) === before) low = middle;
    else high = middle;
  }
  return high * minuteMs;
}

/** The stretches that a span of time falls into, in order and without gaps. */
export function offsetStretches(zone: string, fromMs: number, toMs: number): OffsetStretch[] {
  const stretches: OffsetStretch[] = [];
  let startMs = fromMs;
  let offsetMs = offsetAt(zone, fromMs);
  for (let lookMs = fromMs; lookMs < toMs; lookMs += lookEveryMs) {
    const nextMs = Math.min(lookMs + lookEveryMs, toMs);
    const nextOffsetMs = offsetAt(zone, nextMs);
    if (nextOffsetMs === offsetMs) continue;
    const turnMs = turnBetween(zone, lookMs, nextMs);
    stretches.push({ startMs, endMs: turnMs, offsetMs });
    [startMs, offsetMs] = [turnMs, nextOffsetMs];
  }
  return startMs < toMs ? [...stretches, { startMs, endMs: toMs, offsetMs }] : stretches;
}
