import { rolloutSettingsSchema, weekdaySchema } from '@towline/protocol/http';
import { describe, expect, it } from 'vitest';
import { chooseNext } from '../decide/choose.ts';
import { candidatesOf } from './look-around.ts';

const settings = rolloutSettingsSchema.parse({
  schedule: { windows: [{ days: weekdaySchema.options, from: '02:00', to: '03:00' }] },
  timeouts: { answerS: 1800 },
});
const fate = { site: null, carrier: null, cell: null, model: null };
const row = (device: string, zone: string) => {
  const fresh = { wave: 1, place: 1, state: 'pending', attempt: 0, online: true, onHold: false, preceded: false, forgiven: false } as const;
  return { device, zone, ...fresh, ...fate };
};
const nobody = { rollout: 0, site: new Map(), carrier: new Map(), cell: new Map(), model: new Map() };

/** Who of these would be opened at that moment, from 2 to 3 by each device's own clock, where a change needs half an hour. */
function openedAt(time: string, zones: Readonly<Record<string, string>>): string[] {
  const rows = Object.entries(zones).map(([device, zone]) => row(device, zone));
  const candidates = candidatesOf(rows, { settings, nowMs: Date.parse(time) });
  const { openings, parked } = chooseNext({ candidates, flight: nobody, settings, writeAhead: false, stepLimit: 10 }, 10);
  expect(parked).toEqual([]);
  return openings.map(({ device }) => device);
}

/** Berlin and Lisbon put their clocks at one moment, Phoenix never does; a device of which nobody said where it stands goes by UTC. */
const fleet = { berlin: 'Europe/Berlin', lisbon: 'Europe/Lisbon', phoenix: 'America/Phoenix', nowhere: 'UTC' };

describe('windows from 2 to 3', () => {
  it.each([
    // 29 March 2026, 01:00 UTC: in Berlin 2 o'clock becomes 3, in Lisbon 1 becomes 2.
    ['in the night in which Berlin has no such hour, before', '2026-03-29T00:59:59Z', []],
    ['at the moment', '2026-03-29T01:00:00Z', ['lisbon']],
    ['while the rest is long enough', '2026-03-29T01:30:00Z', ['lisbon']],
    ['when it is not', '2026-03-29T01:30:01Z', []],
    ['an hour later', '2026-03-29T02:00:00Z', ['nowhere']],
    ['in Berlin the night after', '2026-03-30T00:00:00Z', ['berlin']],
    // 25 October 2026, 01:00 UTC: in Berlin 3 o'clock becomes 2, in Lisbon 2 becomes 1.
    ['in the night in which Berlin has two of it, in the first', '2026-10-25T00:15:00Z', ['berlin']],
    ['at the turn, which is no end', '2026-10-25T00:59:59Z', ['berlin']],
    ['in the second', '2026-10-25T01:15:00Z', ['berlin']],
    ['when too little of the second is left', '2026-10-25T01:30:01Z', []],
    ['in Lisbon, which has but one', '2026-10-25T02:10:00Z', ['lisbon', 'nowhere']],
    ['in Phoenix, any night', '2026-10-25T09:15:00Z', ['phoenix']],
  ])('%s (%s), open for %j', (_, time, opened) => {
    expect(openedAt(time, fleet)).toEqual(opened);
  });
});
