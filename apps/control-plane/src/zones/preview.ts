import type { EffectiveZone, PreviewWindows, WindowsPreview } from '@towline/protocol/http';
import { openingOf, openingsFrom, startMsOf } from '../rollouts/windows/opening-of.ts';
import { shownVerdict } from '../rollouts/windows/shown-verdict.ts';

const shownOpenings = 10;

/** What a schedule means in one zone at a moment. @param zone as asked for, or as it counts for the device */
export function previewWindows({ schedule, needS }: PreviewWindows, zone: EffectiveZone | string, nowMs: number): WindowsPreview {
  const name = typeof zone === 'string' ? zone : zone.name;
  const verdict = openingOf({ schedule, zone: name, needSeconds: needS }, nowMs);
  const fromMs = Math.max(nowMs, schedule.start ? startMsOf(schedule.start, name) : nowMs);
  const openings = openingsFrom({ schedule, zone: name }, fromMs).slice(0, shownOpenings);
  return {
    zone: typeof zone === 'string' ? { name: zone, from: 'request' } : zone,
    now: new Date(nowMs).toISOString(),
    ...shownVerdict(verdict),
    openings: openings.map(({ startMs, endMs }) => ({
      from: new Date(startMs).toISOString(),
      until: new Date(endMs).toISOString(),
      longEnough: endMs - startMs >= needS * 1000,
    })),
  };
}
