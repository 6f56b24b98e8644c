import type { EffectiveZone, PreviewWindows, WindowsPreview } from '@towline/protocol/http';
import { openingOf, openingsFrom, startMsOf } from '../rollouts/windows/opening-of.ts';

const shownOpenings = 10;
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** What a schedule means in one zone at a moment. @param zone as asked for, or as it counts for the device */
export function previewWindows({ schedule, needS }: PreviewWindows, zone: EffectiveZone | string, nowMs: number): WindowsPreview {
  const name = typeof zone === 'string' ? zone : zone.name;
  const verdict = openingOf({ schedule, zone: name, needSeconds: needS }, nowMs);
  const fromMs = Math.max(nowMs, schedule.start ? startMsOf(schedule.start, name) : nowMs);
  const openings = openingsFrom({ schedule, zone: name }, fromMs).slice(0, shownOpenings);
  return {
    zone: typeof zone === 'string' ? null : zone,
    now: new Date(nowMs).toISOString(),
    open: verdict.open,
    until: verdict.open ? isoOrNull(verdict.untilMs) : null,
    next: verdict.open ? null : isoOrNull(verdict.nextMs),
    reason: verdict.open ? 'open' : verdict.reason,
    openings: openings.map(({ startMs, endMs }) => ({
      from: new Date(startMs).toISOString(),
      until: new Date(endMs).toISOString(),
      longEnough: endMs - startMs >= needS * 1000,
    })),
  };
}
