import type { WindowsPreview } from '@towline/protocol/http';
import type { OpeningVerdict } from './opening-of.ts';

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** A verdict as the API tells it. */
export function shownVerdict(verdict: OpeningVerdict): Pick<WindowsPreview, 'open' | 'until' | 'next' | 'reason'> {
  return verdict.open
    ? { open: true, until: isoOrNull(verdict.untilMs), next: null, reason: 'open' }
    : { open: false, until: null, next: isoOrNull(verdict.nextMs), reason: verdict.reason };
}
