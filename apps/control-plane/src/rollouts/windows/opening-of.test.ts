import type { Schedule, Weekday, Window } from '@towline/protocol/http';
import { weekdaySchema } from '@towline/protocol/http';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OpeningVerdict, openingOf, openingsFrom, startMsOf } from './opening-of.ts';

const everyDay = [...weekdaySchema.options];
const nightly = (from: string, to: string, days: Weekday[] = everyDay): Schedule => ({ windows: [{ days, from, to }] });
const ms = (text: string) => Date.parse(text);
const at = (zone: string, schedule: Schedule, now: string, needSeconds = 0) => shown(openingOf({ schedule, zone, needSeconds }, ms(now)));

/** With times as text. */
function shown(verdict: OpeningVerdict): string {
  const text = (time: number | null) => (time === null ? 'none' : new Date(time).toISOString().slice(0, 16));
  return verdict.open ? `open until ${text(verdict.untilMs)}` : `${verdict.reason}, next ${text(verdict.nextMs)}`;
}

describe('a window', () => {
  it.each([
    ['in winter', 'Europe/Berlin', '2026-01-15T01:30Z', 'open until 2026-01-15T03:00'],
    ['in summer', 'Europe/Berlin', '2026-07-15T01:30Z', 'open until 2026-07-15T02:00'],
    ['with a half hour', 'Asia/Kolkata', '2026-01-15T20:30Z', 'open until 2026-01-15T22:30'],
    ['with three quarters', 'Asia/Kathmandu', '2026-01-15T20:14Z', 'outside, next 2026-01-15T20:15'],
    ['before it opens', 'Europe/Berlin', '2026-01-15T00:59Z', 'outside, next 2026-01-15T01:00'],
    ['at its end', 'Europe/Berlin', '2026-01-15T03:00Z', 'outside, next 2026-01-16T01:00'],
    ['that clocks put forward skip half of', 'Europe/Berlin', '2026-03-29T01:00Z', 'open until 2026-03-29T02:00'],
    ['that begins before clocks are put back', 'Europe/Berlin', '2026-10-25T00:00Z', 'open until 2026-10-25T03:00'],
  ])('from 2 to 4, %s (%s, %s)', (_name, zone, now, said) => {
    expect(at(zone, nightly('02:00', '04:00'), now)).toBe(said);
  });

  it('opens not at all in the night in which clocks skip it, and the next night as ever', () => {
    expect(at('Europe/Berlin', nightly('02:00', '03:00'), '2026-03-29T00:00Z')).toBe('outside, next 2026-03-30T00:00');
  });

  it('opens twice where clocks show its time twice', () => {
    const openings = openingsFrom({ schedule: nightly('02:00', '02:30'), zone: 'Europe/Berlin' }, ms('2026-10-24T23:00Z')).slice(0, 2);
    expect(openings).toEqual([
      { startMs: ms('2026-10-25T00:00Z'), endMs: ms('2026-10-25T00:30Z') },
      { startMs: ms('2026-10-25T01:00Z'), endMs: ms('2026-10-25T01:30Z') },
    ]);
  });

  it('knows that clocks of Lord Howe move by half an hour', () => {
    expect(at('Australia/Lord_Howe', nightly('01:30', '02:30'), '2026-04-04T14:30Z')).toBe('open until 2026-04-04T16:00');
    expect(at('Australia/Lord_Howe', nightly('01:30', '02:30'), '2026-10-03T15:00Z')).toBe('open until 2026-10-03T15:30');
  });

  it('that crosses midnight belongs to the day on which it begins', () => {
    const friday = nightly('23:00', '01:00', ['fri']);
    expect(at('America/New_York', friday, '2026-11-21T05:30Z')).toBe('open until 2026-11-21T06:00');
    expect(at('America/New_York', friday, '2026-11-20T05:30Z')).toBe('outside, next 2026-11-21T04:00');
  });

  it('goes on without a gap where another takes over at midnight', () => {
    const windows: Window[] = [
      { days: ['mon'], from: '22:00', to: '24:00' },
      { days: ['tue'], from: '00:00', to: '02:00' },
    ];
    expect(at('UTC', { windows }, '2026-11-23T22:00Z', 4 * 3600)).toBe('open until 2026-11-24T02:00');
  });

  it('is another on either side of the date line', () => {
    const monday = nightly('02:00', '04:00', ['mon']);
    expect(at('Pacific/Kiritimati', monday, '2026-11-22T12:00Z')).toBe('open until 2026-11-22T14:00');
    expect(at('Pacific/Pago_Pago', monday, '2026-11-22T12:00Z')).toBe('outside, next 2026-11-23T13:00');
  });

  it('opens not on a day that a zone left out', () => {
    const friday = nightly('02:00', '04:00', ['fri']);
    expect(at('Pacific/Apia', friday, '2011-12-29T12:00Z')).toBe('outside, next 2012-01-05T12:00');
  });
});

describe('what a change needs', () => {
  const night = nightly('02:00', '04:00');
  it('must fit into the rest of the window, else it is for the next one', () => {
    expect(at('UTC', night, '2026-01-15T03:00Z', 3600)).toBe('open until 2026-01-15T04:00');
    expect(at('UTC', night, '2026-01-15T03:01Z', 3600)).toBe('too-little-left, next 2026-01-16T02:00');
  });

  it('can be more than any window holds, which is said', () => {
    expect(at('UTC', night, '2026-01-15T01:00Z', 7201)).toBe('never-long-enough, next none');
  });

  it('waits for the night after the one that clocks made too short', () => {
    expect(at('Europe/Berlin', night, '2026-03-29T00:30Z', 7200)).toBe('outside, next 2026-03-30T00:00');
  });
});

describe('the start', () => {
  const start = { local: '2026-03-29T02:30' };
  it('comes with each zone where it is given by the clock there, at the end of the gap where clocks skip it', () => {
    expect(shown(openingOf({ schedule: { start, windows: [] }, zone: 'Asia/Tokyo', needSeconds: 0 }, ms('2026-03-28T17:00Z')))).toBe(
      'not-started, next 2026-03-28T17:30',
    );
    expect(new Date(startMsOf(start, 'Europe/Berlin')).toISOString()).toBe('2026-03-29T01:00:00.000Z');
    expect(new Date(startMsOf({ local: '2026-10-25T02:30' }, 'Europe/Berlin')).toISOString()).toBe('2026-10-25T00:30:00.000Z');
  });

  it('is one moment for all where it is given with an offset, and windows count from then on', () => {
    const schedule = { start: { at: '2026-01-15T03:30:00+01:00' }, ...nightly('02:00', '04:00') };
    expect(at('UTC', schedule, '2026-01-15T02:00Z')).toBe('not-started, next 2026-01-15T02:30');
    expect(at('UTC', schedule, '2026-01-15T02:30Z')).toBe('open until 2026-01-15T04:00');
    expect(at('UTC', schedule, '2026-01-15T02:30Z', 7200)).toBe('too-little-left, next 2026-01-16T02:00');
  });

  it('alone bounds nothing once it has come', () => {
    expect(at('UTC', { start: { at: '2026-01-15T00:00:00Z' }, windows: [] }, '2026-01-15T00:00Z', 99_999)).toBe('open until none');
  });
});

const zones = Intl.supportedValuesOf('timeZone');
const dayMs = 86_400_000;

/** Told by another way than the code's own: the text that the zone's clock shows. */
function shownBy(zone: string) {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (time: number) => {
    const [day = '', hour = ''] = clock.format(time).replace(',', '').split(' ');
    return { day: weekdaySchema.parse(day.toLowerCase()), hour };
  };
}

function isInside({ day, hour }: { day: Weekday; hour: string }, { days, from, to }: Window): boolean {
  const before = weekdaySchema.options[(weekdaySchema.options.indexOf(day) + 6) % 7] ?? day;
  if (from < to) return days.includes(day) && hour >= from && hour < to;
  return (days.includes(day) && hour >= from) || (days.includes(before) && hour < to);
}

const clockTimes = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 29, 30, 45, 59))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const anyWindow = fc
  .record({ days: fc.subarray(everyDay, { minLength: 1 }), from: clockTimes, to: fc.oneof(clockTimes, fc.constant('24:00')) })
  .filter(({ from, to }) => from !== to);
const anyWindows = fc.array(anyWindow, { minLength: 1, maxLength: 3 });
const minutes = fc
  .integer({ min: ms('2024-01-01T00:00Z') / 60_000, max: ms('2030-01-01T00:00Z') / 60_000 })
  .map((minute) => minute * 60_000);

/** `GMT+02:00`: changes where clocks are put. */
const offsetText = (zone: string) => {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'longOffset' });
  return (time: number) => clock.format(time).slice(-9);
};

/** A moment within five hours of one at which clocks of a zone are put, where they are put within a year. */
const nearTurn = fc.tuple(fc.constantFrom(...zones), minutes, fc.integer({ min: -300, max: 300 })).map(([zone, time, off]) => {
  const text = offsetText(zone);
  let low = time;
  while (text(low) === text(low + dayMs) && low < time + 370 * dayMs) low += dayMs;
  let high = low + dayMs;
  while (high - low > 60_000) {
    const middle = Math.floor((low + high) / 120_000) * 60_000;
    if (text(middle) === text(low)) low = middle;
    else high = middle;
  }
  return { zone, time: high + off * 60_000 };
});

describe('in every zone, on nights of shifted clocks and on others', () => {
  it('it is open exactly while the clock there shows a time inside a window', () => {
    const moments = fc.oneof(nearTurn, fc.record({ zone: fc.constantFrom(...zones), time: minutes }));
    fc.assert(
      fc.property(moments, anyWindows, ({ zone, time }, windows) => {
        const show = shownBy(zone);
        const verdict = openingOf({ schedule: { windows }, zone, needSeconds: 0 }, time);
        expect(verdict.open).toBe(windows.some((window) => isInside(show(time), window)));
        const bound = verdict.open ? verdict.untilMs : verdict.nextMs;
        if (bound === null || bound - time > 3 * dayMs) return;
        // It stays so until the bound, minute by minute, and is otherwise at the bound itself.
        for (let minute = time; minute < bound; minute += 60_000) {
          expect(windows.some((window) => isInside(show(minute), window))).toBe(verdict.open);
        }
        expect(windows.some((window) => isInside(show(bound), window))).toBe(!verdict.open);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('it opens only while a change fits, and tells the first moment at which one does', () => {
    fc.assert(
      fc.property(nearTurn, anyWindows, fc.integer({ min: 0, max: 14_400 }), ({ zone, time }, windows, needSeconds) => {
        const question = { schedule: { windows }, zone, needSeconds };
        const verdict = openingOf(question, time);
        if (verdict.open) {
          expect((verdict.untilMs ?? 0) - time).toBeGreaterThanOrEqual(needSeconds * 1000);
          return;
        }
        if (verdict.nextMs === null) return;
        expect(verdict.nextMs).toBeGreaterThan(time);
        expect(openingOf(question, verdict.nextMs).open).toBe(true);
        expect(openingOf(question, verdict.nextMs - 60_000).open && verdict.nextMs - 60_000 > time).toBe(false);
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it('each zone is known and has an opening within a week', () => {
    for (const zone of zones) {
      const verdict = openingOf({ schedule: nightly('03:00', '05:00', ['wed']), zone, needSeconds: 3600 }, ms('2026-11-21T00:00Z'));
      expect(verdict.open || (verdict.nextMs !== null && verdict.nextMs - ms('2026-11-21T00:00Z') < 8 * dayMs)).toBe(true);
    }
  });
});
